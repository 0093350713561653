"""The Explore screen of a folder in a real Chromium: tests/page/explore.mjs over a server."""

import json
import os
import pathlib
import subprocess

from support.browser import program
from support.cases import Skip
from support.npm import node_for, packages

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1


def explore(cases, base, query, rows):
    """Runs the scenes on the server at `base`; `rows` are texts as the page shows them."""
    with cases.case("all of explore.mjs ran"):
        if not program():
            raise Skip("no Chromium on this machine")
        settings = {"url": base, "slow": SLOW, "chromium": program(),
                    "modules": str(packages("tests/page")), "shots": os.environ["TIDELINE_TMP"],
                    "query": query, "rows": rows}
        status = subprocess.run(
            [node_for(20), str(ROOT / "tests/page/explore.mjs")], check=False, timeout=240,
            env={**os.environ, "PAGE_SETTINGS": json.dumps(settings)}).returncode
        assert status in (0, 1), f"it ended with status {status}"
        cases.failed += status

"""Signing in to the page in a real Chromium: set-up, login, roles, keys, a session that ends.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import re
import subprocess

from access.callers import PASSWORD, ROLE_MAY, closed_server, new_user
from support.browser import program
from support.cases import Cases, Skip
from support.npm import node_for, packages

HERE = pathlib.Path(__file__).parent
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1

cases = Cases()


def run_scenes(url, **more):
    """Runs access.mjs, which prints its own cases; its status tells whether one failed."""
    settings = {"url": url, "slow": SLOW, "chromium": program(), "password": PASSWORD,
                "modules": str(packages("tests/page")), "shots": str(TMP), **more}
    env = {**os.environ, "PAGE_SETTINGS": json.dumps(settings)}
    return subprocess.run([node_for(20), str(HERE / "access.mjs")], env=env,
                          check=False).returncode


def main():
    if not program():
        with cases.case("signing in, in Chromium"):
            raise Skip("no Chromium on this machine")
        return
    empty, peopled = closed_server(TMP / "empty"), closed_server(TMP / "peopled")
    with empty, peopled:
        for role in ROLE_MAY:
            new_user(peopled, role, role)
        for name in ("shown", "doomed"):
            peopled.new_key(name)
        link = re.search(r"http://\S+/setup#\S+", "".join(empty.printed)).group(0)
        with cases.case("all of access.mjs ran"):
            status = run_scenes(f"http://127.0.0.1:{peopled.port}", link=link,
                                emptyUrl=f"http://127.0.0.1:{empty.port}")
            assert status in (0, 1), f"it ended with status {status}"
            cases.failed += status


main()
cases.finish()

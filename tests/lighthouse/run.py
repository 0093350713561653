"""Lighthouse on the overview of a demo, as on a desktop: median of five audits.

    make lighthouse          # needs a quiet machine: one of its scores is about time
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("TIDELINE_SOURCE", str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

from support.browser import program  # noqa: E402
from support.demo import Demo  # noqa: E402
from support.npm import node_for, packages  # noqa: E402
from support.ports import free_port  # noqa: E402

AUDITS = 5
LEAST = {"performance": 95, "accessibility": 100}
SETTLE_S = 20  # the first minute of a demo is busy with scoring


def scored(url):
    with urllib.request.urlopen(f"{url}/api/v1/overview") as answer:
        return json.load(answer)["mean_health"] is not None


def audits(url):
    settings = {"url": f"{url}/", "modules": str(packages("tests/lighthouse")),
                "chromium": program(), "audits": AUDITS}
    done = subprocess.run([node_for(20), str(pathlib.Path(__file__).with_name("audit.mjs"))],
                          env={**os.environ, "AUDIT": json.dumps(settings)},
                          stdout=subprocess.PIPE, check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def main():
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(pathlib.Path(folder) / "demo", free_port())
        demo.start()
        try:
            url = f"http://127.0.0.1:{demo.port}"
            while not scored(url):
                time.sleep(0.2)
            time.sleep(SETTLE_S)
            scores = audits(url)
        finally:
            demo.kill()
    for score in scores:
        print(json.dumps(score))
    failed = 0
    for name, least in LEAST.items():
        median = statistics.median(score[name] for score in scores)
        print(f"{name}: {median:.0f}, at least {least}")
        failed += median < least
    return 1 if failed else 0


sys.exit(main())

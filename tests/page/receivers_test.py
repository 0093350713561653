"""Alerts and their receivers on the page, in a real Chromium.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import subprocess

from alerts.far_end import HttpFarEnd
from support.browser import program
from support.cases import Cases, Skip
from support.npm import node_for, packages
from support.server import Server

HERE = pathlib.Path(__file__).parent
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1

cases = Cases()


def fill(server):
    """A customer, so that the overview shows more than how to begin, and a dead letter."""
    key = server.new_key("shop")
    event = {"type": "track", "userId": "c1", "event": "Session Completed"}
    answer = server.post("/v1/batch?verdicts=1", {"batch": [
        {**event, "messageId": "good"}, {**event, "messageId": "bad", "timestamp": "never"}]}, key)
    assert answer.status == 200, answer


def main():
    if not program():
        with cases.case("alerts on the page, in Chromium"):
            raise Skip("no Chromium on this machine")
        return
    server = Server(TMP / "shop", settings={"alerts.allowed_networks": "127.0.0.1"})
    with HttpFarEnd() as far_end, server:
        fill(server)
        settings = {"url": f"http://127.0.0.1:{server.port}", "slow": SLOW, "chromium": program(),
                    "modules": str(packages("tests/page")), "shots": str(TMP),
                    "farEnd": far_end.url}
        with cases.case("all of receivers.mjs ran"):
            status = subprocess.run(
                [node_for(20), str(HERE / "receivers.mjs")], check=False,
                env={**os.environ, "PAGE_SETTINGS": json.dumps(settings)}).returncode
            assert status in (0, 1), f"it ended with status {status}"
            cases.failed += status


main()
cases.finish()

"""The demo's first start: a baseline scores while the history is learnt, with a line of progress,
and what was learnt takes over.

tideline-test: timeout=300 serial
"""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

from support.cases import Cases
from support.ports import free_port

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOWER = 10 if os.environ["TIDELINE_SANITIZE"] else 1


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return json.loads(answer.read())
    except OSError:
        return None


def wait_for(what, seconds):
    deadline = time.monotonic() + seconds * SLOWER
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


def scored_by(port):
    """Model versions of the newest predictions."""
    page = get(port, "/api/v1/predictions?limit=1000")
    return {row["model_version"] for row in page["data"]
            if row["status"] == "scored"} if page else set()


def main():
    cases = Cases()
    port, log = free_port(), TMP / "log"
    with open(log, "w", encoding="utf-8") as out:
        demo = subprocess.Popen([os.environ["TIDELINE_BIN"], "demo", "--port", str(port), "--data",
                                 TMP / "data", "--customers", "300", "--days", "240"],
                                stdout=out, stderr=out)
    try:
        with cases.case("a baseline scores within seconds"):
            assert wait_for(lambda: scored_by(port), 20) == {"marketplace-health-v1"}
            first = get(port, "/api/v1/models")["data"][0]
            assert {t["champion"] for t in first["tasks"]} <= {"recency", "mean", "base_rate",
                                                               "none"}, first["tasks"]
        with cases.case("the history is learnt, with a line of progress"):
            wait_for(lambda: scored_by(port) == {"marketplace-health-v2"}, 150)
            told = log.read_text(encoding="utf-8")
            assert "learning: " in told and " %" in told, told[-1500:]
        with cases.case("what was learnt is more than the baseline"):
            second = get(port, "/api/v1/models")["data"][1]
            assert second["active"], second
            learnt = {t["champion"] for t in second["tasks"]} & {"network", "xgboost", "logistic",
                                                                 "linear"}
            assert learnt, second["tasks"]
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=120)
    cases.finish()


main()

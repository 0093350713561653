"""The demo: first figures within 10 s of the program's start, live events, Ctrl-C, a folder left.

tideline-test: timeout=180 serial
"""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from support.cases import Cases
from support.ports import free_port

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
FIRST_FIGURES_S = 10
SLOWER_S = 60 if "release" not in os.environ["TIDELINE_BUILD"] else 0  # sanitizers


def get(port, path):
    """(status, body) of a GET; (0, "") where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 0, ""


def scored(port):
    status, body = get(port, "/api/v1/predictions?limit=100")
    if status != 200:
        return []
    return [row for row in json.loads(body)["data"] if row["status"] == "scored"]


def wait_for(what, seconds):
    """Seconds until what() is true; AssertionError after `seconds`."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if what():
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


def main():
    cases = Cases()
    port, folder = free_port(), TMP / "demo"
    demo = subprocess.Popen([os.environ["TIDELINE_BIN"], "demo", "--port", str(port), "--data",
                             str(folder)])
    with cases.case("first figures within 10 s"):
        seconds = wait_for(lambda: scored(port), FIRST_FIGURES_S + SLOWER_S)
        print(f"first figures after {seconds:.1f} s")
        row = scored(port)[0]
        assert row["tier"] and row["health_score"] is not None, row
    with cases.case("the page is there without a login"):
        status, page = get(port, "/")
        assert status == 200 and "<html" in page.lower(), f"{status}: {page[:200]}"
    with cases.case("events flow in live"):
        before = get(port, "/api/v1/pipeline")[1]
        wait_for(lambda: get(port, "/api/v1/pipeline")[1] != before, 30)
    with cases.case("Ctrl-C stops it and the folder stays"):
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) in (0, 130), demo.returncode
        assert (folder / "VERSION").exists()
    if demo.poll() is None:
        demo.kill()
    cases.finish()


main()

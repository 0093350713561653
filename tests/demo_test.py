"""`make demo`: first figures within 10 s of the program's start, live events, Ctrl-C, a folder.

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

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
BUILD = pathlib.Path(os.environ["TIDELINE_BUILD"])
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
FIRST_FIGURES_S = 10
SLOWER_S = 60 if os.environ["TIDELINE_SANITIZE"] else 0


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


def start(port, folder):
    """`make demo`; in another build than the one that it uses, the program itself."""
    if BUILD != ROOT / "build/release":
        return subprocess.Popen([os.environ["TIDELINE_BIN"], "demo", "--port", str(port),
                                 "--data", str(folder)])
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.Popen(["make", "--no-print-directory", "demo", f"PORT={port}",
                             f"DATA={folder}"], cwd=ROOT, env=env)


def program(port):
    """Process id of the demo itself, below make or not; None while it is not there."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if any(word.endswith("tideline") for word in words[:2]) and str(port) in words:
            return int(entry.name)
    return None


def main():
    cases = Cases()
    port, folder = free_port(), TMP / "demo"
    demo = start(port, folder)
    with cases.case("it is set up and starts"):
        wait_for(lambda: program(port) or demo.poll() is not None, 120)
        assert demo.poll() is None, f"it ended with status {demo.returncode}"
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
        os.kill(program(port), signal.SIGINT)
        demo.wait(timeout=60)
        assert program(port) is None and get(port, "/healthz")[0] == 0, "it still runs"
        assert demo.returncode in (0, 130), demo.returncode
        assert (folder / "VERSION").exists()
    if program(port):
        os.kill(program(port), signal.SIGKILL)
    cases.finish()


main()

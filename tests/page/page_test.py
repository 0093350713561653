"""The page in a real Chromium, over a demo: every screen and state, keyboard, hostile names.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading

from support.browser import program
from support.cases import Cases, Skip
from support.npm import node_for, packages
from support.ports import free_port

HERE = pathlib.Path(__file__).parent
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1

cases = Cases()


def started_demo(port):
    """The demo's process, and the key that it prints."""
    words = [os.environ["TIDELINE_BIN"], "demo", "--port", str(port), "--data", str(TMP / "demo"),
             "--customers", "300", "--days", "150"]
    demo = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    key = None
    for line in demo.stdout:
        if found := re.search(r"curl -u (\S+):", line):
            key = found.group(1)
        if f"127.0.0.1:{port}/" in line and key and "curl" not in line:
            break
    assert key, "the demo printed no key"
    threading.Thread(target=demo.stdout.read, daemon=True).start()  # a full pipe would stop it
    return demo, key


def run_screens(port, key):
    """Runs screens.mjs, which prints its own cases; its status tells whether one failed."""
    settings = {"url": f"http://127.0.0.1:{port}", "key": key, "slow": SLOW, "chromium": program(),
                "modules": str(packages("tests/page")), "shots": str(TMP)}
    env = {**os.environ, "PAGE_SETTINGS": json.dumps(settings)}
    words = [node_for(20), str(HERE / "screens.mjs")]
    return subprocess.run(words, env=env, check=False).returncode


def main():
    if not program():
        with cases.case("the page in Chromium"):
            raise Skip("no Chromium on this machine")
        return
    port = free_port()
    demo, key = started_demo(port)
    try:
        with cases.case("all of screens.mjs ran"):
            status = run_screens(port, key)
            assert status in (0, 1), f"it ended with status {status}"
            cases.failed += status
    finally:
        demo.send_signal(signal.SIGKILL)
        demo.wait()


main()
cases.finish()

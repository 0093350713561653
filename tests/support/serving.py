"""A server over a data folder for as long as a block runs.

    with serving("folder", "--as-of", "2013-03-30T00:00:00Z") as base:
        urllib.request.urlopen(base + "/api/v1/overview")
"""

import contextlib
import os
import subprocess
import time
import urllib.error
import urllib.request

from support.ports import free_port
from support.server import environment_of

START_LIMIT_S = 120


@contextlib.contextmanager
def serving(folder, *words):
    """Starts `tideline serve`, waits until it is ready, gives its address, and ends it."""
    base = f"http://127.0.0.1:{free_port()}"
    command = [os.environ["TIDELINE_BIN"], "serve", "--data", str(folder), "--listen",
               base.removeprefix("http://"), *words]
    with open(f"{folder}-serve.log", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                   env=environment_of())
    try:
        wait_ready(base, process, f"{folder}-serve.log")
        yield base
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_ready(base, process, log):
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        assert process.poll() is None, f"serve ended: {tail(log)}"
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < deadline, f"serve is not ready: {tail(log)}"
            time.sleep(0.05)


def tail(log):
    with open(log, encoding="utf-8", errors="replace") as file:
        return file.read()[-2000:]

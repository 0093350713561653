"""A machine that other programs keep busy is no reason to take a record for one that hangs.

tideline-test: timeout=300 serial
"""

import json
import os
import pathlib
import subprocess
import sys
import time

from support.cases import Cases
from support.server import Server, authorization

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
BATCH, BATCHES = 2_000, 10
BUSY_EACH = 8  # programs that compute, for each processor
WATCHDOG_S = 0.3  # less than such a worker waits for its turn


def batch(number):
    return json.dumps({"batch": [
        {"type": "track", "messageId": f"e{number}-{i}", "userId": f"c{i}",
         "event": "Session Completed", "properties": {"duration_min": i % 90, "tutor_id": "t1"}}
        for i in range(BATCH)]}).encode()


def starved():
    server = Server(TMP / "starved", settings={"processing.watchdog_s": WATCHDOG_S})
    server.start()
    key = server.new_key("shop")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for _ in range(BUSY_EACH * os.cpu_count())]
    try:
        for number in range(BATCHES):
            answer = server.request("POST", "/v1/batch", batch(number),
                                    {"Authorization": authorization(key)})
            assert answer.status == 200, f"{answer.status} {answer.body[:200]}"
        time.sleep(5)  # of starving
    finally:
        for one in busy:
            one.kill()
            one.wait()
    try:
        assert server.is_alive(), f"it ended: {server.last_words()}"
        totals = server.totals()
        assert totals["applied"] == BATCH * BATCHES, totals
    finally:
        server.kill()


def main():
    cases = Cases()
    with cases.case("a worker that gets no processor is waited for"):
        starved()
    cases.finish()


main()

"""The processor held back while events keep coming, then all of them applied; memory stays flat.

HELD_BACK_EVENTS sets how many; `make faults` holds back five million.

tideline-test: timeout=300 serial
"""

import http.client
import json
import os
import pathlib
import threading
import time

from support.cases import Cases
from support.server import Server, authorization

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
EVENTS = int(os.environ.get("HELD_BACK_EVENTS", "60000"))
BATCH = 2_000
CUSTOMERS = 20_000
SENDERS = 2
# What may be added while the backlog is worked off: queues, caches and write buffers are bounded.
MEMORY_MAX = 900 << 20


def memory_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(found.split()[1]) << 10


def batch_from(first):
    return json.dumps({"batch": [
        {"type": "track", "messageId": f"e{i}", "userId": f"c{i * 7919 % CUSTOMERS}",
         "event": "Session Completed", "properties": {"duration_min": i % 90, "tutor_id": "t1"}}
        for i in range(first, first + BATCH)]}).encode()


def send_all(port, key):
    """Every event once, acknowledged; over capacity is waited out."""
    begins = iter(range(0, EVENTS, BATCH))
    lock, failures = threading.Lock(), []

    def send():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                first = next(begins, None)
            if first is None:
                return
            body = batch_from(first)
            while True:
                connection.request("POST", "/v1/batch", body,
                                   {"Authorization": authorization(key)})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == 200:
                    break
                if answer.status not in (429, 503):
                    failures.append(f"{answer.status} {text[:200]}")
                    return
                time.sleep(int(answer.headers.get("Retry-After", "1")))

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert not failures, failures


def held_back():
    server = Server(TMP / "held", settings={"lake.flush_s": 5})
    key = server.new_key("shop")
    server.start({"faults.bug": "processor_held"})
    try:
        send_all(server.port, key)
        status = server.get("/api/v1/pipeline").json()
        assert status["totals"]["received"] == 0, "the processor was not held back"
        assert status["lag"] == EVENTS, status["lag"]
        held = memory_of(server.process.pid)
        server.kill()
        server.start()
        begun, most = time.monotonic(), 0
        while True:
            status = server.get("/api/v1/pipeline").json()
            most = max(most, memory_of(server.process.pid))
            assert status["failure"] is None, status["failure"]
            if status["lag"] == 0:
                break
            time.sleep(0.05)
        took = time.monotonic() - begun
        totals = server.totals()
        assert totals["received"] == totals["applied"] == EVENTS, totals
        counted = server.sql("select sum(events) as n, count(*) as c from customers")[0]
        assert int(counted["n"]) == EVENTS, counted
        assert most <= MEMORY_MAX, f"{most >> 20} MiB while it caught up"
        return (f"{EVENTS} events held back, applied in {took:.1f} s ({EVENTS / took:,.0f}/s), "
                f"{status['events_per_commit']:.0f} a commit, {held >> 20} MiB held, at most "
                f"{most >> 20} MiB after")
    finally:
        server.kill()


def main():
    cases = Cases()
    with cases.case("what the processor was held back from is applied once it goes on"):
        print(held_back())
    cases.finish()


main()

"""SIGTERM: nothing new is begun, what is in hand is answered and kept, the end comes in time.

tideline-test: timeout=300 serial
"""

import json
import os
import signal
import socket
import time

from live.load import begin_open_loop, finish
from support.cases import Cases
from support.server import Connection, Server, authorization

FOLDER = os.path.join(os.environ["TIDELINE_TMP"], "data")
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1
DRAIN_S = 4
cases = Cases()


def batch(prefix, count):
    return json.dumps({"batch": [{"type": "track", "messageId": f"{prefix}-{i}", "userId": "u",
                                  "event": "Session Completed"} for i in range(count)]}).encode()


def half_sent(server, key, body):
    """A request of which the last byte is missing."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    client.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " +
                   authorization(key).encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) +
                   body[:-1])
    return client


def in_hand(server):
    return server.get("/api/v1/pipeline").json()["door"]["in_flight"]


def wait_until_it_drains(server, connection):
    """Until a request on an open connection is refused; returns the answer."""
    deadline = time.monotonic() + 10 * SLOW
    while True:
        answer = connection.request("GET", "/healthz")
        if answer.status == 503:
            return answer
        assert time.monotonic() < deadline, "it does not drain"


def wait_until_nobody_accepts(server):
    """The listener closes a moment after the first refusal."""
    deadline = time.monotonic() + 5 * SLOW
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
        except OSError:
            return
    raise AssertionError("new connections are accepted")


server = Server(FOLDER, settings={"server.drain_timeout_s": DRAIN_S})
server.start()
key = server.new_key("shop")

with cases.case("what is in hand is answered, new connections and requests are not"):
    client = half_sent(server, key, batch("a", 100))
    deadline = time.monotonic() + 10
    while in_hand(server) < 2:  # that one, and the question itself
        assert time.monotonic() < deadline, "the request is not seen"
    opened = Connection(server.port)
    assert opened.request("GET", "/healthz").status == 200
    server.process.send_signal(signal.SIGTERM)
    refused = wait_until_it_drains(server, opened)
    assert refused.json()["code"] == "draining", refused
    assert int(refused.headers["retry-after"]) >= 1, refused.headers
    wait_until_nobody_accepts(server)
    client.sendall(batch("a", 100)[-1:])
    answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    status = server.process.wait(timeout=(2 * DRAIN_S + 10) * SLOW)
    assert status == 0, f"status {status}"

with cases.case("a request that does not come to its end holds the end up for a while only"):
    server.kill()  # of a case that failed
    server.start()
    assert server.totals()["applied"] == 100, server.totals()
    client = half_sent(server, key, batch("b", 10))
    while in_hand(server) < 2:
        pass
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(timeout=60 * SLOW)
    took = time.monotonic() - begun
    assert status == 0, f"status {status}"
    assert DRAIN_S - 1 < took < (2 * DRAIN_S + 5) * SLOW, f"{took:.1f} s"

with cases.case("a second signal ends it at once"):
    server.kill()  # of a case that failed
    server.start()
    client = half_sent(server, key, batch("c", 10))
    while in_hand(server) < 2:
        pass
    opened = Connection(server.port)
    assert opened.request("GET", "/healthz").status == 200
    server.process.send_signal(signal.SIGTERM)
    wait_until_it_drains(server, opened)
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(timeout=20)
    assert status == 130, f"status {status}"
    assert time.monotonic() - begun < 1 * SLOW, f"{time.monotonic() - begun:.1f} s"

with cases.case("under load everything acknowledged is there, once"):
    server.kill()  # of a case that failed
    server.start()
    before = server.totals()["received"]
    load = begin_open_loop(server, key, 200 / SLOW, 30, connections=50, events=20)
    deadline = time.monotonic() + 30 * SLOW
    while server.get("/api/v1/pipeline").json()["totals"]["received"] < before + 2000:
        assert time.monotonic() < deadline, "no load"
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(timeout=(2 * DRAIN_S + 30) * SLOW)
    assert status == 0, f"status {status}"
    answers = finish(load)
    server.kill()  # of a case that failed
    server.start()
    totals = server.totals()
    received = totals["received"] - before
    assert 20 * answers["accepted"] <= received <= 20 * answers["sent"], (received, answers)
    assert totals["duplicate"] == 0 and totals["received"] == totals["applied"], totals
    server.stop()

server.kill()
cases.finish()

"""Slow clients do not hold up others, and hold little memory.

tideline-test: timeout=300 serial

A short form with wide bounds; `make overload` is the full one.
"""

import os
import socket
import time

from live.slow_clients import beside_slow_ones
from support.cases import Cases
from support.server import Server, authorization

FOLDER = os.path.join(os.environ["TIDELINE_TMP"], "data")
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1
cases = Cases()


def until(condition, what, limit_s=20):
    deadline = time.monotonic() + limit_s * SLOW
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def raw(server, text):
    client = socket.create_connection(("127.0.0.1", server.port), timeout=30 * SLOW)
    client.sendall(text)
    return client


def read_all(client):
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


settings = {"server.header_timeout_s": 1, "server.body_timeout_s": 1, "server.idle_timeout_s": 1,
            "server.write_timeout_s": 1, "server.connections_max": 600}
with Server(FOLDER + "-times", settings=settings) as server:
    key = server.new_key("shop")
    with cases.case("a head, a body, an idle connection, an unread answer: each ends in its time"):
        head = raw(server, b"GET / HTTP/1.1\r\nHo")
        body = raw(server, b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
                           b"Authorization: " + authorization(key).encode() + b"\r\n\r\n{")
        idle = raw(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_all(head).startswith(b"HTTP/1.1 408"), "the head"
        assert read_all(body).startswith(b"HTTP/1.1 408"), "the body"
        assert read_all(idle).startswith(b"HTTP/1.1 200"), "the idle one"
        unread = socket.socket()
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        unread.connect(("127.0.0.1", server.port))
        unread.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 60)
        until(lambda: server.get("/api/v1/pipeline").json()["door"]["slow_connections"] > 0,
              "the answers all fit somewhere")
        until(lambda: server.get("/api/v1/pipeline").json()["door"]["slow_connections"] == 0,
              "the unread answer is held")
        metrics = server.get("/metrics").body.decode()
        for phase in ("header", "body", "idle", "write"):
            assert f'tideline_http_timeouts_total{{phase="{phase}"}}' in metrics, phase
    with cases.case("idle connections make room when all places are taken"):
        crowd = [raw(server, b"") for _ in range(600)]
        until(lambda: server.get("/healthz").status == 200, "no room")
        for client in crowd:
            client.close()

with Server(FOLDER) as server:
    key = server.new_key("shop")
    with cases.case("a healthy client beside 600 slow ones"):
        alone, beside, cost, door = beside_slow_ones(server, key, 600, 4)
        assert door["connections"] > 500, door
        assert beside["accepted_p99_ms"] < max(250, 4 * alone["accepted_p99_ms"]) * SLOW, beside
        # Little beyond what is counted as held, and that is bounded by itself.
        assert cost < (door["held_bytes"] / 2**20 + 30) * SLOW, (cost, door)

cases.finish()

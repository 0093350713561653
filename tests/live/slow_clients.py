"""Clients that are slow on purpose: with their heads, their bodies, and with reading answers.

Used by slow_clients_test.py in short, by run.py in full.
"""

import resource
import selectors
import socket
import threading
import time

from live.load import Memory, open_loop
from support.server import authorization

HEALTHY_RATE, HEALTHY_EVENTS = 100, 10
LARGE_ANSWER = "/api/v1/openapi.json"
ANSWERS_WANTED = 40  # so many of it that they do not fit into the sockets' buffers


class SlowClients(threading.Thread):
    """Opens so many connections and lets each do a little every second, until stopped."""

    def __init__(self, server, key, count):
        super().__init__(daemon=True)
        self.port, self.key, self.count = server.port, key, count
        self.selector = selectors.DefaultSelector()
        self.open, self.reopened, self.stopping = {}, 0, threading.Event()
        self.failure = None
        self.ready = threading.Event()

    def connect(self, number):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        client.connect(("127.0.0.1", self.port))
        client.setblocking(False)
        kind = ("head", "body", "reading")[number % 3]
        if kind == "head":
            client.send(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        elif kind == "body":
            client.send(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n"
                        b"Authorization: " + authorization(self.key).encode() + b"\r\n\r\n{")
        else:
            request = f"GET {LARGE_ANSWER} HTTP/1.1\r\nHost: x\r\n\r\n"
            client.send(request.encode() * ANSWERS_WANTED)
        self.open[number] = (kind, client)

    def tick(self, number):
        kind, client = self.open[number]
        try:
            if kind == "reading":
                if not client.recv(16384):
                    raise ConnectionError
            else:
                client.send(b"x")
        except BlockingIOError:
            pass
        except OSError:  # cut off, as it deserves: it comes again
            client.close()
            self.reopened += 1
            self.connect(number)

    def run(self):
        try:
            for number in range(self.count):
                self.connect(number)
            self.ready.set()
            while not self.stopping.is_set():
                begun = time.monotonic()
                for number in range(self.count):
                    self.tick(number)
                    if number % 50 == 0:  # spread over the second
                        due = begun + number / self.count
                        self.stopping.wait(max(0, due - time.monotonic()))
                self.stopping.wait(max(0, begun + 1 - time.monotonic()))
        except Exception as error:
            self.failure = error
            self.ready.set()
        finally:
            for _, client in self.open.values():
                client.close()

    def stop(self):
        self.stopping.set()
        self.join()
        assert self.failure is None, repr(self.failure)


def allow_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def healthy(server, key, seconds):
    answers = open_loop(server, key, HEALTHY_RATE, seconds, connections=16, events=HEALTHY_EVENTS)
    assert answers["refused"] == 0 and answers["broken"] == 0, answers
    return answers


def wait_until_settled(server, limit_s=30):
    """Until the crowd has filled its buffers: its arrival is not what is measured."""
    def slow():
        return server.get("/api/v1/pipeline").json()["door"]["slow_connections"]
    deadline, before = time.monotonic() + limit_s, -1
    while (now := slow()) != before and time.monotonic() < deadline:
        before = now
        time.sleep(1)


def beside_slow_ones(server, key, count, seconds):
    """A healthy client alone, and beside slow ones; the memory those cost, and the door then."""
    allow_files(count + 500)
    healthy(server, key, 2)
    alone = healthy(server, key, seconds)
    memory = Memory(server)
    memory.forget_peak()
    before = memory.now()
    slow = SlowClients(server, key, count)
    slow.start()
    slow.ready.wait()
    assert slow.failure is None, repr(slow.failure)
    wait_until_settled(server)
    beside = healthy(server, key, seconds)
    door = server.get("/api/v1/pipeline").json()["door"]
    cost = memory.peak() - before
    slow.stop()
    print(f"    {count} slow connections for {seconds} s ({slow.reopened} cut off and back): "
          f"a healthy client's 99 %: {alone['accepted_p99_ms']:.1f} ms alone, "
          f"{beside['accepted_p99_ms']:.1f} ms beside them (medians "
          f"{alone['accepted_p50_ms']:.1f}, {beside['accepted_p50_ms']:.1f}); "
          f"{cost:.0f} MiB more memory at most; "
          f"{door['connections']} connections, {door['held_bytes']} bytes held", flush=True)
    return alone, beside, cost, door

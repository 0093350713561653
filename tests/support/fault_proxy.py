"""A proxy on a loopback port that plays the faults of a network before a server.

    with FaultProxy(server_port) as proxy:
        proxy.plan(["429", "cut_before", "cut_after"])   # for the next requests that carry events
        ...
        proxy.seen                                       # [Seen(method, path, headers, status)]

429: refused with Retry-After: 1. cut_before: the connection breaks before the server hears of it.
cut_after: the server has taken it, and the connection breaks before its answer. A server that is
away breaks the connection as well. A function as fault is called after the request was sent and
before its answer is read; then the connection breaks.
"""

import collections
import http.client
import http.server
import socket
import struct
import threading

Seen = collections.namedtuple("Seen", "method path headers status body_bytes")
HOP_FIELDS = {"connection", "keep-alive", "transfer-encoding", "content-length"}
REFUSAL = b'{"code":"overloaded"}'


class Away(Exception):
    """Nobody listens at the server's port."""


class FaultProxy:
    """Forwards to 127.0.0.1:`to_port`, whoever listens there at the time."""

    def __init__(self, to_port):
        self.to_port = to_port
        self.faults, self.seen, self.lock = collections.deque(), [], threading.Lock()
        handler = type("Handler", (Handler,), {"proxy": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def plan(self, faults):
        with self.lock:
            self.faults.extend(faults)

    def plan_next(self, fault):
        with self.lock:
            self.faults.appendleft(fault)

    def next_fault(self, method, path):
        """Faults meet requests with events, never preflights, settings and library figures."""
        if method != "POST" or path.split("?")[0].rstrip("/").endswith("/m"):
            return None
        with self.lock:
            return self.faults.popleft() if self.faults else None

    def note(self, *words):
        with self.lock:
            self.seen.append(Seen(*words))


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    proxy = None

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:  # the client went, or was cut
            self.close_connection = True

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def cut(self):
        """Breaks the connection so that the client sees a reset, not an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def answer(self, status, fields, body):
        self.send_response_only(status)
        for name, value in fields:
            if name.lower() not in HOP_FIELDS:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_any(self):
        body = self.body()
        fault = self.proxy.next_fault(self.command, self.path)
        note = lambda status: self.proxy.note(  # noqa: E731
            self.command, self.path, dict(self.headers.items()), status, len(body))
        if fault == "429":
            note(429)
            self.answer(429, [("Retry-After", "1"), ("Content-Type", "application/problem+json"),
                              ("Access-Control-Allow-Origin", "*"),
                              ("Access-Control-Expose-Headers", "Retry-After")], REFUSAL)
            return
        if fault == "cut_before":
            note("cut_before")
            self.cut()
            return
        try:
            answer, content = self.forward(body, fault)
        except (OSError, http.client.HTTPException):
            answer = None
        except Away:  # what was planned for this request is left to the next one
            answer = None
            if fault:
                self.proxy.plan_next(fault)
        if answer is None or fault:
            note(fault if isinstance(fault, str) and answer else "away")
            self.cut()
            return
        note(answer.status)
        self.answer(answer.status, answer.getheaders(), content)

    def forward(self, body, fault):
        server = http.client.HTTPConnection("127.0.0.1", self.proxy.to_port, timeout=30)
        try:
            server.connect()
        except OSError as error:
            raise Away from error
        try:
            fields = {name: value for name, value in self.headers.items()
                      if name.lower() not in HOP_FIELDS}
            if self.headers.get("Transfer-Encoding"):  # passed on as it came
                fields["Transfer-Encoding"] = "chunked"
                server.request(self.command, self.path, iter([body]), fields, encode_chunked=True)
            else:
                server.request(self.command, self.path, body or None, fields)
            if callable(fault):
                fault()
            answer = server.getresponse()
            return answer, answer.read()
        finally:
            server.close()

    do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = do_any

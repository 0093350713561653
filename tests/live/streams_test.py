"""200 open streams: everybody hears of what happens, one that does not read is dropped, and all of
them together cost little.

tideline-test: timeout=300 serial
"""

import os
import pathlib
import selectors
import socket
import time

from support.cases import Cases
from support.server import Server

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1
STREAMS = 200
QUIET_S = 6
# Of one processor, with nothing happening; and while some 200 events a second come.
QUIET_SHARE_MAX = 0.05 * SLOW
BUSY_SHARE_MAX = 0.35 * SLOW

cases = Cases()


class Listeners:
    """Streams that are read all at once; what each heard so far as one text."""

    def __init__(self, port, number):
        self.selector = selectors.DefaultSelector()
        self.heard = {}
        for _ in range(number):
            stream = socket.create_connection(("127.0.0.1", port))
            stream.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            stream.setblocking(False)
            self.selector.register(stream, selectors.EVENT_READ)
            self.heard[stream] = []

    def listen(self, seconds, done=lambda texts: False):
        """Reads for so long, or until all that was heard is enough."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not done(self.texts()):
            for key, _ in self.selector.select(min(left, 0.25)):
                self.heard[key.fileobj].append(key.fileobj.recv(1 << 20))

    def texts(self):
        return [b"".join(parts) for parts in self.heard.values()]

    def forget(self):
        for parts in self.heard.values():
            parts.clear()

    def close(self):
        for stream in self.heard:
            stream.close()


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_of(server, listeners, seconds):
    """The server's share of one processor while the streams are read."""
    before, begun = cpu_s(server.process.pid), time.monotonic()
    listeners.listen(seconds)
    return (cpu_s(server.process.pid) - before) / (time.monotonic() - begun)


def event(number):
    return {"type": "track", "userId": f"c{number % 50}", "event": "Signed In",
            "messageId": f"m{number}"}


def main():
    with Server(TMP / "folder") as server:
        key = server.new_key("web")
        listeners = Listeners(server.port, STREAMS)
        with cases.case(f"{STREAMS} streams open with the figures"):
            listeners.listen(30 * SLOW, lambda texts: all(b'"overview"' in t for t in texts))
            assert all(b'"overview"' in text for text in listeners.texts())
        with cases.case("with nothing happening they cost next to nothing"):
            share = share_of(server, listeners, QUIET_S)
            print(f"{STREAMS} quiet streams: {share:.3f} of a processor")
            assert share < QUIET_SHARE_MAX, share
        listeners.forget()
        with cases.case("everybody hears of every customer that changed"):
            wanted = {f'"c{i}"'.encode() for i in range(50)}
            server.verdicts([event(i) for i in range(200)], key)
            listeners.listen(30 * SLOW, lambda texts: all(
                all(id in text for id in wanted) for text in texts))
            for text in listeners.texts():
                assert all(id in text for id in wanted), text[-300:]
        with cases.case("while events come they cost little"):
            number = 1000
            before, begun = cpu_s(server.process.pid), time.monotonic()
            while time.monotonic() - begun < QUIET_S:
                server.post("/v1/batch", {"batch": [event(number + i) for i in range(20)]}, key)
                number += 20
                listeners.listen(0.1)
            share = (cpu_s(server.process.pid) - before) / (time.monotonic() - begun)
            print(f"{STREAMS} streams and the events: {share:.3f} of a processor")
            assert share < BUSY_SHARE_MAX, share
        listeners.close()
        with cases.case("a drain ends them at once"):
            late = Listeners(server.port, 5)
            late.listen(30 * SLOW, lambda texts: all(b'"overview"' in t for t in texts))
            begun = time.monotonic()
            server.stop()
            assert time.monotonic() - begun < 20 * SLOW
            late.listen(0.5)
            for text in late.texts():
                assert text.endswith(b"0\r\n\r\n"), text[-200:]
            late.close()


main()
cases.finish()

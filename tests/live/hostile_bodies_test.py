"""Bodies made to hurt: each is answered within a second and costs at most 32 MiB for a moment; one
that is just as large as allowed costs at most three times its size and a little.

tideline-test: timeout=300 serial
"""

import gzip
import os
import time
import zlib

from live.load import Memory
from support.cases import Cases
from support.server import Connection, Server, authorization

FOLDER = os.path.join(os.environ["TIDELINE_TMP"], "data")
SANITIZED = bool(os.environ.get("TIDELINE_SANITIZE"))
MIB = 1 << 20
EXTRA_MIB_MAX, ANSWER_S_MAX = (10_000, 60) if SANITIZED else (32, 1)
# Of bodies that the limit of 20 MiB lets in: themselves, the parser's copy, its copy of strings.
ALLOWED_MIB_MAX = 10_000 if SANITIZED else 64
cases = Cases()


def event(properties):
    return (b'{"batch":[{"type":"track","messageId":"m","userId":"u","event":"Session Completed",'
            b'"properties":' + properties + b"}]}")


def many_members(size):
    """A gzip file of many small members, each worth a kilobyte."""
    member = gzip.compress(b" " * 1024, 9)
    return member * (size // len(member))


BODIES = {
    "a gzip bomb of 450 MB": gzip.compress(bytes(450 * MIB), 9),
    "a gzip bomb of JSON": gzip.compress(event(b'"' + b"a" * (200 * MIB) + b'"'), 9),
    "a gzip bomb of many members": many_members(490_000),
    "a body just under the limit of 20 MiB": gzip.compress(event(b'"' + b"b" * (19 * MIB) + b'"')),
    "blanks just under that limit": gzip.compress(event(b"{}") + b" " * (19 * MIB), 9),
    "brackets just under that limit": gzip.compress(b"[" * (19 * MIB), 9),
    "a deflate bomb": zlib.compress(bytes(300 * MIB), 9),
    "100,000 arrays in each other": event(b"[" * 100_000 + b"]" * 100_000),
    "100,000 objects in each other": event(b'{"a":' * 80_000 + b"1" + b"}" * 80_000),
    "arrays that never end": b'{"batch":' + b"[" * 400_000,
    "a million keys": gzip.compress(
        event(b"{" + b",".join(b'"k%d":0' % (i % 1000) for i in range(1_000_000)) + b"}"), 9),
    "a million events": gzip.compress(b'{"batch":[' + b"{}," * 999_999 + b"{}]}", 9),
    "a number of a million digits": gzip.compress(event(b'{"n":' + b"1" * 1_000_000 + b"}"), 9),
    "a fraction of a million digits": gzip.compress(
        event(b'{"n":0.' + b"1" * 1_000_000 + b"}"), 9),
    "a number with a huge exponent": event(b'{"n":1e' + b"9" * 100_000 + b"}"),
    "a string of a million escapes": gzip.compress(
        event(b'{"s":"' + b"\\u00e9" * 1_000_000 + b'"}'), 9),
}

with Server(FOLDER) as server:
    key = server.new_key("shop")
    memory = Memory(server)
    # What every request needs is there before it is measured.
    for i in range(20):
        batch = {"batch": [{"type": "track", "messageId": f"w{i}-{n}", "userId": "u",
                            "event": "Session Completed"} for n in range(500)]}
        assert server.post("/v1/batch", batch, key).status == 200
    server.totals()
    for name, body in BODIES.items():
        with cases.case(name):
            assert len(body) < 500 * 1024, f"{len(body)} bytes would be refused unread"
            headers = {"Authorization": authorization(key)}
            if name == "a deflate bomb":
                headers["Content-Encoding"] = "deflate"
            before = memory.now()
            memory.forget_peak()
            begun = time.monotonic()
            answer = Connection(server.port).request("POST", "/v1/batch", body, headers)
            took = time.monotonic() - begun
            extra = memory.peak() - before
            print(f"    {name}: {answer.status} in {took * 1000:.0f} ms, {extra:.1f} MiB",
                  flush=True)
            assert answer.status in (200, 400, 413), answer
            assert took < ANSWER_S_MAX, f"{took:.2f} s"
            allowed = "just under" in name or "members" in name
            assert extra < (ALLOWED_MIB_MAX if allowed else EXTRA_MIB_MAX), f"{extra:.1f} MiB"
    with cases.case("nothing of it stays in memory"):
        headers = {"Authorization": authorization(key)}
        before = memory.now()
        for _ in range(3):
            for body in BODIES.values():
                Connection(server.port).request("POST", "/v1/batch", body, headers)
        assert SANITIZED or memory.now() < before + EXTRA_MIB_MAX, f"{before} {memory.now()}"
    with cases.case("and the server serves on"):
        answer = server.post("/v1/track", {"userId": "u", "event": "Session Completed"}, key)
        assert answer.status == 200, answer

cases.finish()

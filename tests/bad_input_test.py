"""Bad input from outside: malformed JSON, naughty strings, and every limit at n-1, n, n+1.

Two parts read collections of files, from TIDELINE_DATA_SETS, else from ../shared/data beside the
checkout; they are skipped where there is none.

tideline-test: timeout=600
"""

import contextlib
import csv
import gzip
import io
import json
import os
import pathlib
import re
import urllib.parse
import zlib

from support.cases import Cases, Skip
from support.server import Connection, Server, authorization

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
DATA = pathlib.Path(os.environ.get("TIDELINE_DATA_SETS") or os.environ.get("TIDELINE_DATA")
                    or ROOT.parent / "shared/data")
WIRE_MAX, INFLATED_MAX, EVENTS_MAX = 500 * 1024, 20 << 20, 2_500
EVENT_MAX, DEPTH_MAX, ID_MAX = 32 * 1024, 32, 128
MEMORY_MAX = 400 << 20  # of the server while it refuses a bomb


def suite_files():
    folder = DATA / "json-test-suite/test_parsing"
    if not folder.is_dir():
        raise Skip(f"there is no {folder}")
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}
    kinds = {kind: sum(name.startswith(kind) for name in files) for kind in ("y_", "n_", "i_")}
    assert kinds == {"y_": 95, "n_": 188, "i_": 35}, kinds
    return files


def naughty_strings():
    file = DATA / "naughty-strings/blns.json"
    if not file.is_file():
        raise Skip(f"there is no {file}")
    strings = json.loads(file.read_text(encoding="utf-8"))
    assert len(strings) == 515, len(strings)
    return strings


class Door:
    """A fresh server, one kept-alive connection, and what it has received so far."""

    def __init__(self, name):
        self.server = Server(TMP / name)
        self.key = self.server.new_key("shop")
        self.server.start()
        self.headers = {"Authorization": authorization(self.key)}
        self.connection = Connection(self.server.port)

    def close(self):
        self.connection.close()
        self.server.kill()

    def post(self, path, body, **headers):
        return self.connection.request("POST", path, body, {**self.headers, **headers})

    def outcome(self, path, body, **headers):
        """(status, what became of each event or the problem's code)."""
        answer = self.post(path, body, **headers)
        told = answer.json()
        if answer.status == 200:
            return 200, [(r["verdict"], r.get("code")) for r in told["results"]]
        assert answer.headers["content-type"].startswith("application/problem+json"), answer
        return answer.status, told["code"]

    def expect_alive(self):
        """The next valid request succeeds."""
        status, verdicts = self.outcome("/v1/batch?verdicts=1", batch(good_event()))
        assert (status, verdicts) == (200, [("applied", None)]), (status, verdicts)

    def received(self):
        return self.server.totals()["received"]


@contextlib.contextmanager
def door(name):
    opened = Door(name)
    try:
        yield opened
        opened.expect_alive()
    finally:
        opened.close()


def good_event():
    return b'{"type":"track","userId":"good","event":"Session Completed"}'


def batch(*events):
    return b'{"batch":[' + b",".join(events) + b"]}"


def with_property(name, value):
    return (b'{"type":"track","userId":"c1","messageId":"' + name.encode() +
            b'","event":"Session Completed","properties":{"v":' + value + b"}}")


# --- the suite of malformed JSON ----------------------------------------------------------------


def as_property(files):
    """y_ stored as sent, n_ refused, i_ the same way in every form and every time."""
    with door("property") as at:
        for name, content in files.items():
            event = with_property(name, content)
            status, told = at.outcome("/v1/batch?verdicts=1", batch(event))
            if name.startswith("y_"):
                assert (status, told) == (200, [("applied", None)]), (name, status, told)
            if name.startswith("n_"):
                assert (status, told) == (400, "malformed_json"), (name, status, told)
            if b"\n" in content:
                continue
            line_status, line = at.outcome("/v1/events?verdicts=1", event)
            assert line_status == 200, (name, line_status)
            if status == 400:  # a line over the limit is refused for that, before it is read
                code = "too_large" if len(event) > EVENT_MAX else told
                assert line == [("rejected", code)], (name, told, line)
            else:  # the same event once more: known, or refused again
                known = [("duplicate", None)] if told == [("applied", None)] else told
                assert line == known, (name, told, line)
        rows = csv.DictReader(io.StringIO(
            at.server.run("sql", "select message_id, properties from events where "
                          "customer_id = 'c1'", "--csv").decode(), newline=""))
        stored = {row["message_id"]: row["properties"].encode() for row in rows}
        for name, content in files.items():
            if name.startswith("y_"):
                assert stored[name] == b'{"v":' + content + b"}", (name, stored[name])
            assert not (name.startswith("n_") and name in stored), name


def as_body(files):
    """Whatever is no JSON is malformed, whatever is JSON is no event; nothing is stored."""
    with door("body") as at:
        for name, content in files.items():
            for path in ("/v1/batch", "/v1/import", "/v1/track", "/v1/identify"):
                status, code = at.outcome(path, content)
                assert status == 400, (name, path, status, code)
                if name.startswith("y_"):
                    assert code == "not_an_event", (name, path, code)
                elif name.startswith("n_"):
                    assert code == "malformed_json", (name, path, code)
                else:
                    assert at.outcome(path, content) == (status, code), (name, path)
        assert at.received() == 0, "something was stored"


def as_line(files):
    """A bad line costs neither neighbour."""
    tried = 0
    with door("line") as at:
        for name, content in files.items():
            line = content.rstrip(b"\n")
            if b"\n" in line or not line.strip(b" \t\r\n"):
                continue
            tried += 1
            status, told = at.outcome("/v1/events?verdicts=1",
                                      good_event() + b"\n" + line + b"\r\n" + good_event())
            assert status == 200, (name, status, told)
            code = told[1][1]
            assert told[0] == told[2] == ("applied", None), (name, told)
            assert told[1][0] == "rejected" and len(told) == 3, (name, told)
            if not name.startswith("i_"):
                expected = ("not_an_event" if name.startswith("y_") else
                            "malformed_json" if len(line) <= EVENT_MAX else "too_large")
                assert code == expected, (name, code)
        totals = at.server.totals()
        assert (totals["received"], totals["applied"]) == (3 * tried, 2 * tried), (tried, totals)
    assert tried > 250, tried
    return f"{tried} files of one line"


# --- naughty strings ----------------------------------------------------------------------------


def naughty(strings):
    """Byte for byte from ingest to the API, SQL and both kinds of CSV."""
    with door("naughty") as at:
        expected = {}  # message id: (customer, event, string)
        for i, text in enumerate(strings):
            customer = text if 0 < len(text.encode()) <= ID_MAX else f"long-{i}"
            name = text or "Empty"
            event = {"type": "track", "messageId": f"n{i}", "userId": customer, "event": name,
                     "properties": {"text": text, text: i}}
            body = json.dumps({"batch": [event]}, ensure_ascii=i % 2 == 0).encode()
            assert at.outcome("/v1/batch?verdicts=1", body) == (200, [("applied", None)]), text
            expected[f"n{i}"] = (customer, name, text)
        check_rows(at.server, expected)
        check_answers(at, expected)
        check_csv(at.server, expected)


def check_rows(server, expected):
    query = ("select message_id, customer_id, event, properties, "
             "json_extract_string(properties, '$.text') as text from events")
    by_csv = csv.DictReader(io.StringIO(server.run("sql", query, "--csv").decode(), newline=""))
    by_json = json.loads(server.run("sql", query, "--json"))
    for form, rows in (("CSV", list(by_csv)), ("JSON", by_json)):
        assert len(rows) == len(expected), (form, len(rows))
        for row in rows:
            customer, name, text = expected[row["message_id"]]
            assert row["customer_id"] == customer, (form, row, customer)
            assert row["event"] == name, (form, row, name)
            properties = row["properties"]
            if isinstance(properties, str):
                properties = json.loads(properties)
            number = int(row["message_id"][1:])
            wanted = {"text": text, text: number} if text != "text" else {"text": number}
            assert properties == wanted, (form, row, wanted)
            if text != "text":
                assert row["text"] == text, (form, row, text)


def check_answers(at, expected):
    get = at.connection.request
    for identity, (customer, name, text) in expected.items():
        path = "/api/v1/customers/" + urllib.parse.quote(customer, safe="").replace(".", "%2E")
        told = get("GET", path)
        assert told.status == 200, (identity, customer, told)
        assert told.json()["customer_id"] == customer, (identity, told.body)
        events = get("GET", path + "/events?limit=1000").json()["data"]
        mine = [event for event in events if event["message_id"] == identity]
        assert len(mine) == 1, (identity, customer, events)
        assert mine[0]["event"] == name, (identity, mine)
        assert mine[0]["properties"]["text"] == text or text == "text", (identity, mine)


def check_csv(server, expected):
    customers = {customer for customer, _, _ in expected.values()}
    features = server.run("features", "--format", "csv").decode()
    rows = list(csv.DictReader(io.StringIO(features, newline="")))
    assert {row["customer_id"] for row in rows} == customers, "features lists other customers"
    some = [c for c in sorted(customers) if not c.startswith("-")][:200]
    features = server.run("features", "--format", "csv", "--customer", *some).decode()
    rows = list(csv.DictReader(io.StringIO(features, newline="")))
    assert {row["customer_id"] for row in rows} == set(some), "features of named customers"
    listed, cursor = set(), ""
    while True:
        answer = server.request("GET", f"/api/v1/customers?limit=1000{cursor}",
                                headers={"Accept": "text/csv"})
        assert answer.status == 200, answer
        rows = csv.DictReader(io.StringIO(answer.body.decode(), newline=""))
        listed |= {row["customer_id"] for row in rows}
        link = answer.headers.get("link")
        if not link:
            break
        query = urllib.parse.urlsplit(link[link.index("<") + 1:link.index(">")]).query
        cursor = "&cursor=" + urllib.parse.quote(dict(urllib.parse.parse_qsl(query))["cursor"])
    shown = {"'" + name if begins_like_formula(name) else name for name in customers}
    assert listed == shown, (len(listed), sorted(shown ^ listed)[:3])


def begins_like_formula(text):
    """What a spreadsheet could run; the server's CSV puts an apostrophe before it."""
    begun = text.strip(" \t")
    number = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", begun, re.I)
    signs = set("=+-@\r\n\uff1d\uff0b\uff0d\uff20")
    return text[:1] == "\t" or (begun[:1] in signs and not number)


# --- limits -------------------------------------------------------------------------------------


def around(limit):
    """(size, is it allowed) at n-1, n, n+1."""
    return [(limit - 1, True), (limit, True), (limit + 1, False)]


def expect_size(at, path, body, allowed, shown, **headers):
    before = at.received()
    answer = at.post(path, body, **headers)
    assert answer.status == (200 if allowed else 413), (shown, answer.status, answer.body[:300])
    grown = at.received() - before
    assert (grown > 0) == allowed, f"{shown}: {grown} events were stored"


def wire_bytes():
    with door("wire") as at:
        for size, allowed in around(WIRE_MAX):
            body = batch(good_event())
            expect_size(at, "/v1/batch", body + b" " * (size - len(body)), allowed, size)
            lines = good_event() + b"\n"
            expect_size(at, "/v1/events", lines + b" " * (size - len(lines)), allowed, size)


def inflated_bytes():
    with door("inflated") as at:
        for size, allowed in around(INFLATED_MAX):
            body = batch(good_event())
            packed = gzip.compress(body + b" " * (size - len(body)), 6)
            assert len(packed) < WIRE_MAX
            expect_size(at, "/v1/batch", packed, allowed, size, **{"Content-Encoding": "gzip"})


def events_a_batch():
    with door("events") as at:
        for count, allowed in around(EVENTS_MAX):
            events = [good_event()] * count
            expect_size(at, "/v1/batch", batch(*events), allowed, count)
            expect_size(at, "/v1/events", b"\n".join(events), allowed, count)


def event_bytes():
    with door("event") as at:
        for size, allowed in around(EVENT_MAX):
            frame = with_property(f"size-{size}", b'""')
            event = with_property(f"size-{size}", b'"' + b"x" * (size - len(frame)) + b'"')
            assert len(event) == size
            expected = ("applied", None) if allowed else ("rejected", "too_large")
            told = at.outcome("/v1/batch?verdicts=1", batch(event, good_event()))
            assert told == (200, [expected, ("applied", None)]), (size, told)
        letter, = at.server.dead_letters()
        assert letter["payload"].encode() == event[:EVENT_MAX], len(letter["payload"])
        assert letter["payload_bytes"] == EVENT_MAX + 1, letter["payload_bytes"]
        assert len(letter["payload_hash"]) == 32, letter["payload_hash"]


def depth():
    with door("depth") as at:
        for levels, allowed in around(DEPTH_MAX):
            inner = levels - 2  # the event and its properties are two of them
            for opening, closing in ((b"[" * inner, b"]" * inner),
                                     (b'{"a":' * (inner - 1) + b"{", b"}" * inner)):
                event = with_property(f"{levels}{opening[:1]}", opening + closing)
                expected = ("applied", None) if allowed else ("rejected", "too_deep")
                for path, body in (("/v1/batch", batch(event)), ("/v1/events", event)):
                    told = at.outcome(f"{path}?verdicts=1", body)
                    again = ("duplicate", None) if allowed and path == "/v1/events" else expected
                    assert told == (200, [again]), (levels, path, told)


def id_bytes():
    with door("id") as at:
        for size, allowed in around(ID_MAX):
            for text in ("i" * size, "é" * (size // 2) + "i" * (size % 2)):
                for field in ("userId", "anonymousId", "messageId", "previousId"):
                    event = {"type": "alias", "userId": "c1", field: text}
                    expected = ("applied", None) if allowed else ("rejected", "bad_id")
                    told = at.outcome("/v1/batch?verdicts=1",
                                      json.dumps({"batch": [event]}).encode())
                    assert told == (200, [expected]), (size, field, told)


def bombs():
    """A small body that inflates without end is refused before it takes the memory."""
    with door("bomb") as at:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        block = b" " * (1 << 20)
        bomb = b"".join(packer.compress(block) for _ in range(450)) + packer.flush()
        assert len(bomb) < WIRE_MAX, len(bomb)
        for path in ("/v1/batch", "/v1/events"):
            expect_size(at, path, bomb, False, "a bomb", **{"Content-Encoding": "gzip"})
        status = pathlib.Path(f"/proc/{at.server.process.pid}/status").read_text()
        peak = next(int(line.split()[1]) << 10 for line in status.splitlines()
                    if line.startswith("VmHWM"))
        assert os.environ["TIDELINE_SANITIZE"] or peak < MEMORY_MAX, f"it took {peak >> 20} MiB"
        whole = gzip.compress(batch(good_event()))
        for broken in (whole[:-9], whole[:5], b"no gzip", whole[:10] + b"\xff" * 20):
            answer = at.post("/v1/batch", broken, **{"Content-Encoding": "gzip"})
            assert answer.status == 400, (broken, answer)
        assert at.received() == 0, "something was stored"


def main():
    cases = Cases()
    with cases.case("318 files of JSON as a property"):
        as_property(suite_files())
    with cases.case("318 files of JSON as a body"):
        as_body(suite_files())
    with cases.case("files of JSON as a line between two others"):
        print(as_line(suite_files()))
    with cases.case("515 naughty strings byte for byte"):
        naughty(naughty_strings())
    limits = {"bytes on the wire": wire_bytes, "inflated bytes": inflated_bytes,
              "events a batch": events_a_batch, "bytes an event": event_bytes, "depth": depth,
              "bytes an id": id_bytes, "bombs": bombs}
    for name, limit in limits.items():
        with cases.case(f"limits, {name}"):
            limit()
    cases.finish()


main()

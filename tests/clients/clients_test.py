"""Other people's client libraries, unmodified, against the program: nothing lost, nothing double.

Three run in Node, five kinds of page in Chromium. Each has a clock that is a day off and a proxy
of its own. First in peace, then in a storm: 429, broken connections, the server killed (-9) while
it takes a request and started again on the same port and folder. What was called is then looked
for in the lake.

tideline-test: timeout=900
"""

import collections
import contextlib
import datetime
import http.server
import json
import os
import pathlib
import subprocess
import threading
import time

from support.browser import Browser, program
from support.cases import Cases
from support.fault_proxy import FaultProxy
from support.npm import node_for, packages
from support.server import Server

HERE = pathlib.Path(__file__).parent
DAY_MS = 86_400_000
CALM = {"count": 12, "pause": 0}
STORM = {"count": 60, "pause": 80}
FAULTS = ["429", "cut_before", "cut_after", "429", "cut_after"]
CALM_OFF_S, STORM_OFF_S = 5, 15  # how far an event time may be from the true one
QUIET_S = 3                     # no client waits longer before it repeats
DONE_S = 450                    # libraries double their pauses while a server is away
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1

cases = Cases()
modules = packages("tests/clients")


class Client:
    """A client library in one of its forms.

    off_s: how stale a repeated body's sentAt may be; apart: no two faults meet one body in a row.
    """

    def __init__(self, name, clock_days, off_s=STORM_OFF_S, apart=False):
        self.name, self.clock_ms, self.off_s = name, clock_days * DAY_MS, off_s
        self.faults = [f for fault in FAULTS for f in (fault, None)] if apart else FAULTS
        self.proxy, self.key = None, None
        self.calls = {"calm": [], "storm": []}
        self.failures = []

    def prepare(self, phase):
        """What has to be done while there is peace."""

    def begin(self, phase, how):
        raise NotImplementedError

    def end(self):
        raise NotImplementedError


class NodeClient(Client):
    """tests/clients/NAME.mjs in Node."""

    def begin(self, phase, how):
        settings = {"url": self.proxy.url, "key": self.key,
                    "prefix": f"{self.name}-{phase}", **how}
        env = {**os.environ, "CLIENT_SETTINGS": json.dumps(settings),
               "CLIENT_MODULES": str(modules), "CLIENT_CLOCK_MS": str(self.clock_ms)}
        self.phase = phase
        self.process = subprocess.Popen(
            [node_for(20), "--require", str(HERE / "shifted_clock.js"),
             str(HERE / f"{self.name}.mjs")], stdout=subprocess.PIPE, env=env)

    def end(self):
        try:
            out, _ = self.process.communicate(timeout=DONE_S * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert self.process.returncode == 0, f"{self.name}: status {self.process.returncode}"
        said = json.loads(out)
        self.calls[self.phase] = said["calls"]
        self.failures += said["failures"]


class PageClient(Client):
    """tests/clients/HTML in a tab, whose functions are prepare(settings) and send(calls)."""

    def __init__(self, name, clock_days, html, options):
        super().__init__(name, clock_days)
        self.html, self.options = html, options
        self.complaints = {"calm": [], "storm": []}

    def prepare(self, phase):
        """Loads the page and the library's settings, which RudderStack's asks for only once."""
        self.page = browser.page()
        clock = (HERE / "shifted_clock.js").read_text()
        self.page.before_load(f"globalThis.clientClockMs = {self.clock_ms};\n{clock}")
        self.complaints[phase] = self.page.complaints
        self.page.open(f"{pages.url}/{self.html}")
        settings = {"url": self.proxy.url, "key": self.key, **self.options}
        self.page.run(f"prepare({json.dumps(settings)})")

    def begin(self, phase, how):
        calls = {"prefix": f"{self.name}-{phase}", **how}

        def send():
            try:
                self.calls[phase] = self.page.run(f"send({json.dumps(calls)})")
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(f"{type(error).__name__} {error}")

        self.sender = threading.Thread(target=send)
        self.sender.start()

    def end(self):
        self.sender.join(DONE_S * SLOW)
        assert not self.sender.is_alive(), f"{self.name}: the page does not come to an end"


BATCHES = {"delivery": {"strategy": "batching", "config": {"size": 5, "timeout": 200}}}
QUICK_RETRIES = {"minRetryDelay": 200, "maxRetryDelay": 1000}
node_clients = [
    NodeClient("segment_node", +1),
    # It packs a body once: what it repeats says when it was first sent. And it doubles its pauses
    # without end: all faults on a body that already found the server away last eight minutes.
    NodeClient("rudder_node", -1, off_s=60, apart=True),
    NodeClient("cloudevents_node", +1),
]
page_clients = [
    PageClient("segment_page", -1, "segment_page.html", {}),
    PageClient("segment_page_batches", +1, "segment_page.html", BATCHES),
    PageClient("rudder_page", +1, "rudder_page.html",
               {"options": {"queueOptions": QUICK_RETRIES}}),
    PageClient("rudder_page_batches", -1, "rudder_page.html", {"options": {"queueOptions": {
        **QUICK_RETRIES, "batch": {"enabled": True, "maxItems": 5, "flushInterval": 200}}}}),
]
# A beacon is sent once and its answer never read: only in peace can nothing be lost.
beacon = PageClient("rudder_page_beacon", +1, "rudder_page.html", {"options": {
    "useBeacon": True, "beaconQueueOptions": {"maxItems": 5, "flushQueueInterval": 200}}})
clients = node_clients + (page_clients + [beacon] if program() else [])
stormy = [client for client in clients if client is not beacon]


class PageServer:
    """The host of the pages: another origin than the program's, so CORS is real."""

    RUDDER = modules / "@rudderstack/analytics-js/dist/npm/modern/bundled"
    OURS = ("calls.js", "segment_page.html", "rudder_page.html")
    FILES = {"segment.js": modules / "@segment/analytics-next/dist/umd/index.js",
             "rudder.js": RUDDER / "umd/index.js", **{name: HERE / name for name in OURS}}

    class Handler(http.server.BaseHTTPRequestHandler):
        """Serves FILES."""

        def log_message(self, *_):
            pass

        def do_GET(self):
            file = PageServer.FILES.get(self.path.lstrip("/"))
            content = file.read_bytes() if file else b""
            self.send_response(200 if file else 404)
            kind = "text/html" if self.path.endswith(".html") else "text/javascript"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Crasher:
    """Kills the server and starts it again where it was; one at a time."""

    def __init__(self, server):
        self.server, self.lock, self.count = server, threading.Lock(), 0

    def __call__(self):
        with self.lock:
            self.server.kill()
            self.server.start()
            self.count += 1


def run_phase(phase, how, taking_part):
    """Makes all clients call at once and waits until each has said what it called.

    Faults begin when all are prepared.
    """
    for client in taking_part:
        client.prepare(phase)
    for client in taking_part:
        if phase == "storm":
            client.proxy.plan(client.faults)
        client.begin(phase, how)
    for client in taking_part:
        client.end()


def wait_until_stored(server):
    """Until all calls are applied and no client repeats anything; what lacks is found later."""
    wanted = sum(len(calls) for client in clients for calls in client.calls.values())
    deadline = time.monotonic() + DONE_S * SLOW
    while server.totals()["applied"] < wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    requests, since = 0, time.monotonic()
    while time.monotonic() - since < QUIET_S * SLOW:
        now = sum(len(client.proxy.seen) for client in clients)
        if now != requests:
            requests, since = now, time.monotonic()
        time.sleep(0.1)


def mark_of(row):
    """By which a stored event is known again: no call has the mark of another."""
    if row["type"] in ("identify", "alias"):
        return row["customer_id"]
    if row["type"] == "group":
        return row["event"]
    return json.loads(row["properties"]).get("mark")


def time_of(text):
    moment = datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00").replace(" ", "T"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp()


def check_stored(client, phase, rows, off_s):
    """Every call once, at its true time, and nothing else."""
    calls = {(call["type"], call["mark"]): call["at"] / 1000 for call in client.calls[phase]}
    assert len(calls) == len(client.calls[phase]) > 0, f"called: {client.calls[phase]}"
    stored = collections.Counter((row["type"], mark_of(row)) for row in rows)
    lacking = sorted(set(calls) - set(stored))
    assert not lacking, f"{len(lacking)} of {len(calls)} lost, the first {lacking[0]}"
    double = [key for key, count in stored.items() if count > 1]
    assert not double, f"{len(double)} double, the first {double[0]}"
    assert set(stored) == set(calls), f"never called: {sorted(set(stored) - set(calls))[:3]}"
    for row in rows:
        off = time_of(row["event_time"]) - calls[row["type"], mark_of(row)]
        assert abs(off) <= off_s * SLOW, f"{row['type']} {mark_of(row)}: {off:+.1f} s off"
        if row["type"] == "identify":
            assert json.loads(row["properties"]).get("plan") == "pro", row["properties"]


def check_requests(client):
    """No request of the client was refused, or sent elsewhere, by the program itself."""
    odd = collections.Counter(
        (seen.method, seen.path.split("?")[0], seen.status) for seen in client.proxy.seen
        if isinstance(seen.status, int) and seen.status not in (200, 204, 429))
    assert not odd, str(odd)
    assert not client.failures, client.failures[:3]


def check_faults(client):
    met = collections.Counter(str(seen.status) for seen in client.proxy.seen)
    assert met["429"] == 2 and met["cut_before"] == 1, f"met {dict(met)}"


def check_storm_complaints(complaints):
    """Of the faults a page may complain: Chromium names them, and RudderStack that it repeats."""
    planted = ("429", "net::ERR_", "Failed to fetch", "will be retried", "CORS policy")
    odd = [text for text in complaints if not any(words in text for words in planted)]
    assert not odd, f"{len(odd)}: {odd[0][:300]}"


def check_habits():
    """What the libraries are known for was really in play."""
    def fields(client, method):
        return [({k.lower(): v for k, v in seen.headers.items()}, seen.path)
                for seen in client.proxy.seen if seen.method == method]
    rudder = fields(clients[1], "POST")
    assert all(f["content-encoding"] == "gzip" for f, _ in rudder), "not gzip"
    assert all("form" in f["content-type"] for f, _ in rudder), "no longer labelled as a form"
    events = fields(clients[2], "POST")
    assert all(f.get("transfer-encoding") == "chunked" for f, _ in events), "not in chunks"
    if not program():
        return
    segment = fields(page_clients[0], "POST")
    assert {path for _, path in segment} == {f"/v1/{initial}" for initial in "tipsga"}
    assert all(f["content-type"] == "text/plain" for f, _ in segment), "not plain text"
    assert {path for _, path in fields(page_clients[1], "POST")} == {"/v1/b"}
    assert {path for _, path in fields(page_clients[3], "POST")} == {"/v1/batch"}
    assert {path.split("?")[0] for _, path in fields(beacon, "POST")} == {"/beacon/v1/batch"}
    asked = [path.split("?")[0] for client in page_clients for _, path in fields(client, "GET")]
    assert any(path.endswith("/settings") for path in asked) and "/sourceConfig/" in asked, asked
    assert any(fields(client, "OPTIONS") for client in page_clients), "no preflight"


def storm(server):
    """All clients at once; each meets the faults, and three times the server is killed."""
    crash = Crasher(server)
    for client in node_clients:
        client.proxy.plan([None] * 2 + [crash])
    run_phase("storm", STORM, stormy)
    wait_until_stored(server)
    with cases.case("the server was killed while it took requests"):
        assert crash.count == 3, f"{crash.count} times"


def report(server):
    rows = server.sql("select source, customer_id, type, event, event_time, properties "
                      "from events order by source, stored_time")
    by_phase = collections.defaultdict(list)
    for row in rows:
        phase = "storm" if f"{row['source']}-storm-" in (mark_of(row) or "") else "calm"
        by_phase[row["source"], phase].append(row)
    for client in clients:
        with cases.case(f"{client.name} in peace, stored once, clock corrected"):
            check_requests(client)
            check_stored(client, "calm", by_phase[client.name, "calm"], CALM_OFF_S)
        if client in stormy:
            with cases.case(f"{client.name} in the storm, nothing lost, nothing double"):
                check_faults(client)
                check_stored(client, "storm", by_phase[client.name, "storm"], client.off_s)
        if isinstance(client, PageClient):
            with cases.case(f"{client.name} has a quiet console"):
                assert not client.complaints["calm"], client.complaints["calm"][:3]
                check_storm_complaints(client.complaints["storm"])
    with cases.case("the libraries keep their habits"):
        check_habits()
    with cases.case("every event has one verdict, none is a dead letter"):
        totals = server.totals()
        assert totals["dead_lettered"] == 0, f"{totals} {server.dead_letters()[:2]}"
        assert totals["applied"] == len(rows), f"{totals}, {len(rows)} in the lake"
        assert totals["duplicate"] > 0, "no answer was lost on its way: nothing was tested"


if not program():
    print("skip pages in Chromium: there is no chromium on PATH; tools/deps.sh tests installs it")
folder = os.path.join(os.environ["TIDELINE_TMP"], "data")
with contextlib.ExitStack() as stack:
    own = stack.enter_context(Server(folder, settings={"lake.flush_s": 1}))
    own.listen_port = own.port
    pages = stack.enter_context(PageServer())
    for each in clients:
        each.key = own.new_key(each.name)
        each.proxy = stack.enter_context(FaultProxy(own.port))
    if program():
        browser = stack.enter_context(Browser(folder + "-browser"))
    with cases.case("all clients come to an end in peace"):
        run_phase("calm", CALM, clients)
        wait_until_stored(own)
    with cases.case("all clients come to an end in the storm"):
        storm(own)
    report(own)
cases.finish()

"""Acknowledged events over HTTP beside fastify and Redis; the rate that processing keeps."""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import threading
import time
import urllib.request

from measuring import ROOT, Run, output_of, processor_seconds, require
from support.server import Server

ORDER = 10
TARGETS = ("load_client",)
CASES = {
    "ingest": ("durable ingest over HTTP, until acknowledged", "events"),
    "fastify": ("fastify, JSON.parse, the same group commit", "events"),
    "redis": ("Redis XADD, appendfsync always", "events"),
    "ingest_applied": ("the same events, until applied to states", "events"),
}
PEERS = [("ingest", "fastify"), ("ingest", "redis")]
CONNECTIONS = 20
BATCH_EVENTS = 100
LAG_S_MAX = 5
QUIET_S, QUIET_SHARE = 0.5, 0.1  # so long so little of a processor: nothing is left to do
LONGER = 10  # a burst of so many rounds' events


def batches():
    """Batches a connection and round."""
    return 20 if Run.quick else 100


def send(protocol, port, key, prefix, count=None, rate=0):
    """What the client says of a load of `count` batches a connection."""
    count = count or batches()
    sent = json.loads(output_of(Run.build / "load_client", protocol, port, key, prefix,
                                CONNECTIONS, count, BATCH_EVENTS, rate))
    require(sent["events"] == CONNECTIONS * count * BATCH_EVENTS,
            "the client sent another number of events")
    return sent


class Ours:
    """`tideline serve` in a folder, with default settings."""

    case, protocol = "ingest", "http"

    def __init__(self, folder=None):
        self.server = Server(folder or Run.work / "ingest")
        self.server.start()
        self.key = self.server.new_key("bench")
        self.port = self.server.port

    def pid(self):
        return self.server.process.pid

    def round(self, figures, prefix, count=None):
        before, used = self.totals(), processor_seconds(self.pid())
        sent = send(self.protocol, self.port, self.key, prefix, count)
        acknowledged = time.monotonic()
        acknowledged_cpu = processor_seconds(self.pid()) - used
        after = self.totals()
        applied_s = sent["wall_s"] + time.monotonic() - acknowledged
        for count in ("received", "applied"):
            require(after[count] - before[count] == sent["events"],
                    f"ingest: {count} {after[count] - before[count]} of {sent['events']}")
        sent["applied_s"] = applied_s
        if figures:
            figures.add("ingest", sent["events"], sent["wall_s"], acknowledged_cpu)
            figures.add("ingest_applied", sent["events"], applied_s,
                        processor_seconds(self.pid()) - used)
        self.wait_until_quiet()
        return sent

    def wait_until_quiet(self):
        """Until the scoring that follows is done, so that it does not fall on a peer's round."""
        used = processor_seconds(self.pid())
        while True:
            time.sleep(QUIET_S)
            before, used = used, processor_seconds(self.pid())
            if used - before < QUIET_SHARE * QUIET_S:
                return

    def totals(self):
        """Once nothing waits any more, however long that takes."""
        while True:
            status = self.server.get("/api/v1/pipeline").json()
            require(status["failure"] is None, f"ingest: {status['failure']}")
            if status["lag"] == 0:
                return status["totals"]
            time.sleep(0.02)

    def oldest_age_s(self):
        return self.server.get("/api/v1/pipeline").json()["oldest_unprocessed_age_s"] or 0

    def close(self):
        self.server.stop()


class Peer:
    """A peer's process; subclasses say what to start and how to count what it took."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, **(environment or {})})
        self.key, self.taken = "bench", 0

    def pid(self):
        return self.process.pid

    def round(self, figures, prefix):
        used = processor_seconds(self.pid())
        sent = send(self.protocol, self.port, self.key, prefix)
        used = processor_seconds(self.pid()) - used
        self.taken += sent["events"]
        require(self.count() == self.taken, f"{self.case}: took {self.count()} of {self.taken}")
        if figures:
            figures.add(self.case, sent["events"], sent["wall_s"], used)
        return sent

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Fastify(Peer):
    case, protocol = "fastify", "http"

    def __init__(self):
        super().__init__(["node", ROOT / "bench/peers/fastify_ingest.mjs",
                          Run.work / "fastify.log"], {"TIDELINE_BENCH_PEERS": str(Run.peers)})
        self.port = int(self.process.stdout.readline())

    def count(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/count") as answer:
            return json.load(answer)["events"]


class Redis(Peer):
    case, protocol = "redis", "redis"

    def __init__(self):
        own = Run.peers / "redis/usr"
        self.bin = (own / "bin" if own.exists()
                    else pathlib.Path(shutil.which("redis-server")).parent)
        self.environment = {"LD_LIBRARY_PATH": str(own / "lib/x86_64-linux-gnu")}
        (Run.work / "redis").mkdir()
        # Port 0 would be none at all, so one that is free now.
        self.port = free_port()
        super().__init__([self.bin / "redis-server", "--port", self.port, "--bind", "127.0.0.1",
                          "--dir", Run.work / "redis", "--appendonly", "yes", "--appendfsync",
                          "always", "--save", "", "--auto-aof-rewrite-percentage", "0"],
                         self.environment)
        for line in self.process.stdout:
            if "Ready to accept connections" in line:
                break

    def count(self):
        answer = subprocess.run([str(self.bin / "redis-cli"), "-p", str(self.port), "XLEN",
                                 self.key], capture_output=True, text=True, check=True,
                                env={**os.environ, **self.environment})
        return int(answer.stdout)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def kept(ours, name, rate):
    """What came of a load of `rate` whose lag stayed under LAG_S_MAX for as long as the backlog of
    a too high rate would take to pass it; None: it did not."""
    seconds = 5 if Run.quick else 20
    count = max(1, round(rate * seconds / (CONNECTIONS * BATCH_EVENTS)))
    ages, done = [], threading.Event()

    def watch():
        while not done.wait(0.2):
            ages.append(ours.oldest_age_s())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sent = send(ours.protocol, ours.port, ours.key, name, count, rate)
    finally:
        done.set()
        watcher.join()
    ours.totals()
    ours.wait_until_quiet()
    # Steady, not on its way there: the second half is no older than the first by much. Medians: a
    # disk that stands still for a moment is no trend.
    half = len(ages) // 2
    grows = statistics.median(ages[half:]) > statistics.median(ages[:half]) + 0.1 * LAG_S_MAX
    if max(ages) >= LAG_S_MAX or grows:
        return None
    return {"rate": sent["events"] / sent["wall_s"], "lag_s": max(ages),
            "p99_ms": sent["p99_ms"], "seconds": sent["wall_s"]}


def highest_kept(ours, rate):
    """The first of a falling row of rates that is kept, or the one halfway to the rate before it;
    None: none of eight."""
    step = 0.75
    for attempt in range(8):
        if found := kept(ours, f"s{attempt}", rate):
            return attempt and kept(ours, "halfway", rate / step ** 0.5) or found
        rate *= step
    return None


def measure(figures):
    output_of(ROOT / "bench/peers/install.sh")
    latencies_ms = {}
    with contextlib.ExitStack() as stack:
        all_of_them = []
        for kind in (Ours, Fastify, Redis):
            all_of_them.append(kind())
            stack.callback(all_of_them[-1].close)
        for number in range(-1, Run.rounds):  # the first one warms up
            turn = number % len(all_of_them)
            for one in itertools.chain(all_of_them[turn:], all_of_them[:turn]):
                sent = one.round(figures if number >= 0 else None, f"r{number + 1}")
                if number >= 0:
                    latencies_ms.setdefault(one.case, []).append(sent)
        long = all_of_them[0].round(None, "long", LONGER * batches())
    # In a folder of its own: what the bursts before left behind is not what a steady load finds.
    with contextlib.closing(Ours(Run.work / "sustained")) as ours:
        sustained = highest_kept(ours, statistics.median(figures.rates("ingest_applied")))
    told = {"sustained": sustained, "long": {"events": long["events"],
                                        "rate": long["events"] / long["wall_s"]}}
    for case, rounds in latencies_ms.items():
        told[case] = {name: statistics.median(one[name] for one in rounds)
                      for name in ("p50_ms", "p99_ms", "max_ms", "cpu_s")}
    told["p99_ratio"] = statistics.median(
        theirs["p99_ms"] / ours["p99_ms"]
        for ours, theirs in zip(latencies_ms["ingest"], latencies_ms["fastify"], strict=True))
    return told


def words(told):
    events = batches() * CONNECTIONS * BATCH_EVENTS

    def waits(case):
        return (f"{told[case]['p50_ms']:.1f} ms at the median and {told[case]['p99_ms']:.1f} ms "
                "at the 99th percentile")

    best = told["sustained"]
    steady = (f"{best['rate']:,.0f} events a second for {best['seconds']:.0f} s with the oldest "
              f"unprocessed event never over {best['lag_s']:.1f} s old (p99 of an answer "
              f"{best['p99_ms']:.1f} ms)" if best else
              f"no rate was found at which the lag stays under {LAG_S_MAX} s")
    long = told["long"]
    return [f"""**Durable ingest**: `tideline serve` in a fresh folder with default settings.
  `bench/load_client.cc`, one thread, sends {events:,} events of 376 bytes of 100,000 customers a
  round over {CONNECTIONS} connections, {BATCH_EVENTS} events a batch, made before the clock
  starts; each connection waits for its answer (200: synced to disk). The peers get the same
  events from the
  same client in turn: `bench/peers/fastify_ingest.mjs` (fastify with the plain `JSON.parse`, one
  `fdatasync` a group while the next gathers, no checks), and Redis (`XADD` of each event as one
  field, a batch pipelined, `appendfsync always`, no rewrite of its file). One round before the
  first warms up. Checked: the totals `received` and `applied` grew by exactly what was sent, and
  the peers counted as many.""",
            f"""**Waiting for an answer**, of a batch, medians of the rounds: ours
  {waits("ingest")}, fastify {waits("fastify")}
  ({told["p99_ratio"]:.1f} times ours, round by round), Redis
  {waits("redis")}. CPU a unit is that of the server until the last answer; for "until applied"
  with applying, archiving and scoring. The client takes its own on the same cores
  ({told["ingest"]["cpu_s"] / events * 1e6:.2f} us an event).""",
            f"""**Kept up with**: threads that process give way to those that answer, so a burst is
  acknowledged first and worked off afterwards: for up to a second of a burst they begin nothing
  new ([why](adr/0010-answers-before-processing.md)). One of {long["events"]:,} events, which is
  longer than that, was acknowledged at {long["rate"]:,.0f} a second. A steady load was processed
  as it came at {steady}."""]

"""The list of the newest 100 predictions beside fastify serving it from memory, alone and while
events come in."""

import contextlib
import json
import os
import statistics
import subprocess
import threading
import time

from measuring import ROOT, Run, output_of, processor_seconds, require
from parts.ingest import send
from support.server import Server
from support.trained import generated, run, scored_rows

ORDER = 15
TARGETS = ("read_client", "load_client")
CASES = {
    "reads": ("list of 100 predictions over HTTP", "answers"),
    "reads_fastify": ("fastify, the same rows from memory", "answers"),
    "reads_busy": ("the same while events come in at 30 % of capacity", "answers"),
    "reads_fastify_busy": ("fastify while the same events come in", "answers"),
}
PEERS = [("reads", "reads_fastify"), ("reads_busy", "reads_fastify_busy")]
PATH = "/api/v1/predictions?limit=100"
CONNECTIONS = 16
EVENTS_SHARE = 0.3
BATCH_EVENTS = 100


def requests(case):
    """Requests a connection; fastify is slower and gets fewer."""
    return (40 if Run.quick else 400) // (4 if "fastify" in case else 1)


def ask(port, case):
    return json.loads(output_of(Run.build / "read_client", port, PATH, CONNECTIONS,
                                requests(case)))


@contextlib.contextmanager
def events(server, rate, prefix):
    """Events at that rate while the block runs."""
    done = threading.Event()

    def keep_sending():
        number = 0
        while not done.is_set():
            count = max(1, round(rate / 20 / BATCH_EVENTS))  # a second's worth
            send("http", server.port, server.key, f"{prefix}-{number}", count, rate)
            number += 1

    sender = threading.Thread(target=keep_sending)
    sender.start()
    try:
        yield
    finally:
        done.set()
        sender.join()
        server.settled()


class Ours:
    """A server over a marketplace's history with a model."""

    def __init__(self):
        folder = Run.work / "reads"
        customers = 300 if Run.quick else 2000
        files = generated(Run.work / "reads-generated", customers=customers, days=170)
        run("import", *files, "--pack", "marketplace", "--data", folder, "--json")
        run("model", "train", "--data", folder, "--json")
        self.server = Server(folder)
        self.server.start()
        self.key = self.server.new_key("bench")
        self.port = self.server.port
        scored_rows(self.server)

    def pid(self):
        return self.server.process.pid

    def capacity(self):
        """Events a second that are acknowledged as fast as they are sent."""
        sent = send("http", self.port, self.key, "capacity", 20 if Run.quick else 60)
        self.settled()
        return sent["events"] / sent["wall_s"]

    def settled(self):
        self.server.totals()

    def stop(self):
        self.server.stop()


class Fastify:
    key = "bench"

    def __init__(self, file):
        self.process = subprocess.Popen(
            ["node", str(ROOT / "bench/peers/fastify_reads.mjs"), str(file)],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TIDELINE_BENCH_PEERS": str(Run.peers)})
        self.port = int(self.process.stdout.readline())

    def pid(self):
        return self.process.pid

    def settled(self):
        """It answers once it is done."""

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def check_same(ours, peer):
    """Both serve the same JSON but for blanks and the order of members; how many bytes each."""
    bodies = [output_of("curl", "-sS", f"http://127.0.0.1:{one.port}{PATH}")
              for one in (ours, peer)]
    pages = [json.loads(body) for body in bodies]
    for page in pages:
        require(len(page["data"]) == 100, f"reads: {len(page['data'])} rows")
    require(pages[0] == pages[1], "reads: fastify serves something else")
    return [len(body.encode()) for body in bodies]


def page_at_rest(ours):
    """The page as ours serves it once the events sent before are scored."""
    last = None
    while (page := output_of("curl", "-sS", f"http://127.0.0.1:{ours.port}{PATH}")) != last:
        last = page
        time.sleep(2)
    return page


def measured(figures, case, server, number):
    used = processor_seconds(server.pid())
    answered = ask(server.port, case)
    used = processor_seconds(server.pid()) - used
    require(answered["requests"] == CONNECTIONS * requests(case), f"{case}: some were left out")
    if number >= 0:
        figures.add(case, answered["requests"], answered["wall_s"], used)
    return answered


def measure(figures):
    output_of(ROOT / "bench/peers/install.sh")
    told = {}
    with contextlib.ExitStack() as stack:
        ours = Ours()
        stack.callback(ours.stop)
        told["rate"] = rate = EVENTS_SHARE * ours.capacity()
        file = Run.work / "page.json"
        file.write_text(page_at_rest(ours))
        peer = Fastify(file)
        stack.callback(peer.stop)
        told["bytes"] = check_same(ours, peer)
        rounds = {case: [] for case in CASES}
        for number in range(-1, Run.rounds):  # the first one warms up
            pair = [("reads", ours), ("reads_fastify", peer)]
            for case, server in pair if number % 2 else pair[::-1]:
                rounds[case].append(measured(figures, case, server, number))
                with events(server, rate, f"r{number + 1}"):
                    busy = measured(figures, f"{case}_busy", server, number)
                rounds[f"{case}_busy"].append(busy)
    for case, answers in rounds.items():
        told[case] = {name: statistics.median(one[name] for one in answers[1:])
                      for name in ("p50_ms", "p99_ms")}
    for ours_case, theirs_case in PEERS:
        told[ours_case]["p99_ratio"] = statistics.median(
            theirs["p99_ms"] / mine["p99_ms"]
            for mine, theirs in zip(rounds[ours_case][1:], rounds[theirs_case][1:], strict=True))
    return told


def words(told):
    def waits(case):
        return (f"{told[case]['p50_ms']:.2f} ms at the median and {told[case]['p99_ms']:.2f} ms "
                "at the 99th percentile")

    return [f"""**Reads**: `GET {PATH}` of a server over a simulated marketplace with a
  model, asked by `bench/read_client.cc` (one thread, {CONNECTIONS} connections,
  each asks again once it was answered), in turn with
  `bench/peers/fastify_reads.mjs`: fastify with the same rows in memory
  and a response schema, no store, no ETag. Both bodies are the same JSON
  ({told["bytes"][0]:,} and {told["bytes"][1]:,} bytes). Ours {waits("reads")}, fastify
  {waits("reads_fastify")} ({told["reads"]["p99_ratio"]:.1f} times ours, round by round). While
  events come in at {told["rate"]:,.0f} a second, 30 % of what is acknowledged at most: ours
  {waits("reads_busy")}, with storing, applying and scoring all of them; fastify, which parses
  them and replaces rows in memory, {waits("reads_fastify_busy")}
  ({told["reads_busy"]["p99_ratio"]:.1f} times ours). What was sent is kept until a prediction is
  written, which is what these rounds are about."""]

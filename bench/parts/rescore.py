"""All customers scored again, and the time from an event to its new prediction."""

import contextlib
import json
import subprocess
import time

from measuring import PROGRAM, Run, add_lines, output_of, require
from support.server import Connection

from . import ingest

ORDER = 65
TARGETS = ("room_bench", "rescore_bench", "load_client")
CASES = {
    "rescore_first": ("every customer scored for the first time", "customers"),
    "rescore": ("every customer scored again, 5 minutes later", "customers"),
    "event_to_prediction": ("an event, until its new prediction is read", "events"),
}
DAYS = 125
RESCORE_S_MAX = 10  # 1,000,000 customers
P99_MS_MAX = 50
BUSY_SHARE = 0.3  # of the rate that processing keeps
POLL_S = 0.001  # so that asking does not take a core of its own


def customers():
    return 20_000 if Run.quick else 1_000_000


def learnt_folder():
    """A data folder with a marketplace simulated up to today and a model trained on it."""
    made, folder = Run.work / "learnt-events", Run.work / "learnt"
    output_of(PROGRAM, "generate", "--pack", "marketplace", "--customers", 1_000, "--days", 240,
              "--seed", 11, "--end",
              time.strftime("%Y-%m-%d", time.gmtime()), "--out", made)
    output_of(PROGRAM, "import", *sorted(made.glob("events-*.parquet")), "--data", folder,
              "--pack", "marketplace")
    output_of(PROGRAM, "model", "train", "--data", folder)
    return folder


def rescore(figures, learnt):
    state = Run.work / "rescore-state"
    output_of(Run.build / "room_bench", "fill", state, customers(), DAYS)
    rounds = min(Run.rounds, 3)
    add_lines(figures, output_of(Run.build / "rescore_bench", state, learnt / "models", rounds))


def load_client(server, key, prefix, batches, rate=0):
    """The client of the ingest part, started; 20 connections of batches of 100."""
    return subprocess.Popen([str(word) for word in (
        Run.build / "load_client", "http", server.port, key, prefix, 20, batches, 100, rate)],
        stdout=subprocess.PIPE, text=True)


def scored_customer(server):
    """A customer with a tier, once the first scoring has reached one."""
    while True:
        found = server.get("/api/v1/customers?tier=healthy&limit=1").json()["data"]
        if found:
            return found[0]["customer_id"]
        time.sleep(0.1)


def wait_until_taken(server, client, events):
    """Until so many more events than now were taken from the client."""
    def taken():
        return server.get("/api/v1/pipeline").json()["totals"]["received"]
    before = taken()
    while taken() < before + events:
        require(client.poll() is None, "rescore: the load ended before the measurement")
        time.sleep(0.05)


def answer_times(server, key, customer, count, name, patience_s=30):
    """Milliseconds from sending an event until the customer's prediction is newer than it."""
    connection = Connection(server.port)
    path = f"/api/v1/customers/{customer}"
    times = []
    for number in range(count):
        before = connection.request("GET", path).json()["prediction"]["timestamp"]
        begun = time.perf_counter()
        sent = connection.request(
            "POST", "/v1/track", body=json.dumps({
                "userId": customer, "event": "Session Rated", "messageId": f"{name}-{number}",
                "properties": {"rating": 1}}).encode(),
            headers={"Authorization": f"Bearer {key}"})
        require(sent.status == 200, f"rescore: {sent.status} {sent.body[:200]}")
        while connection.request("GET", path).json()["prediction"]["timestamp"] == before:
            require(time.perf_counter() - begun < patience_s,
                    f"rescore: no new prediction in {patience_s} s")
            time.sleep(POLL_S)
        times.append((time.perf_counter() - begun) * 1e3)
    connection.close()
    return sorted(times)


def measure(figures):
    learnt = learnt_folder()
    rescore(figures, learnt)
    told = {}
    with contextlib.closing(ingest.Ours(learnt)) as ours:
        server, key = ours.server, ours.key
        customer = scored_customer(server)
        burst = ours.round(None, "burst")
        kept = ingest.highest_kept(ours, burst["events"] / burst["applied_s"])
        require(kept is not None, "rescore: no rate is kept up with")
        told["kept"], told["rate"] = kept["rate"], BUSY_SHARE * kept["rate"]
        # All those customers are scored.
        told["caught_up_s"] = answer_times(server, key, customer, 1, "after", 180)[0] / 1e3
        count = 50 if Run.quick else 500
        busy_s = 120
        client = load_client(server, key, "busy", int(told["rate"] * busy_s / 2_000),
                             told["rate"])
        # Making its events takes the client's core.
        wait_until_taken(server, client, 2 * told["rate"])
        begun = time.monotonic()
        times = answer_times(server, key, customer, count, "beside")
        require(client.poll() is None, "rescore: the load ended before the measurement")
        figures.add("event_to_prediction", count, time.monotonic() - begun, 0)
        client.terminate()
        client.communicate()
    told["p50_ms"], told["p99_ms"] = times[len(times) // 2], times[len(times) * 99 // 100]
    if told["p99_ms"] > P99_MS_MAX:
        print(f"bench: rescore: p99 to a new prediction is {told['p99_ms']:.1f} ms")
    return told


def words(told):
    return [f"""**Scored again**: {customers():,} customers of the room part, the model trained by
  `model train` on a simulated marketplace of 1,000 customers and 240 days: states read, features,
  figures, tiers, plays, latest predictions written (bar: 1,000,000 in {RESCORE_S_MAX} s).
  **Event to prediction**: with {told["rate"]:,.0f} events a second coming in, {BUSY_SHARE:.0%} of
  the {told["kept"]:,.0f} that are kept up with here, an event of one customer shows in its
  prediction, read over HTTP by polling, after {told["p50_ms"]:.1f} ms at the median and
  {told["p99_ms"]:.1f} ms at the 99th percentile (bar {P99_MS_MAX} ms). Right
  after the load that is kept up with, of 100,000 customers, it took
  {told["caught_up_s"]:.1f} s."""]

"""Room: bytes a customer on disk, memory of a server with all of them, reads of single ones."""

import json
import pathlib
import random
import time

from measuring import PROGRAM, Run, output_of, require
from support.server import Connection, Server

ORDER = 70
TARGETS = ("room_bench",)
CASES = {"room_read": ("features of a random customer over HTTP, all customers served", "reads")}
DAYS = 125
BYTES_MAX = 1_000  # a customer: state and marks after compaction
MEMORY_MAX = 2 << 30
P99_MS_MAX = 1


def customers():
    return 20_000 if Run.quick else 1_000_000


def bytes_below(folder):
    return sum(file.stat().st_size for file in pathlib.Path(folder).rglob("*") if file.is_file())


def memory_of(pid):
    """Resident bytes: now, and the most it ever was."""
    found = dict(line.split(":", 1) for line in
                 pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return [int(found[key].split()[0]) << 10 for key in ("VmRSS", "VmHWM")]


def lake_bytes():
    """Of one event, from a real import of a few customers."""
    sample, folder = Run.work / "sample.csv", Run.work / "sample"
    output_of(Run.build / "room_bench", "csv", sample, 2_000, DAYS)
    output_of(PROGRAM, "import", sample, "--data", folder, "--pack", "marketplace")
    return bytes_below(folder / "lake/events") / (2_000 * DAYS)


def read_times(server, count):
    connection = Connection(server.port)
    chance = random.Random(5)
    times = []
    for _ in range(count):
        path = f"/api/v1/customers/customer-{chance.randrange(customers())}/features"
        begun = time.perf_counter()
        answer = connection.request("GET", path)
        times.append((time.perf_counter() - begun) * 1e3)
        require(answer.status == 200 and len(answer.json()["features"]) == 46,
                f"room: {answer.status} {answer.body[:200]}")
    connection.close()
    return times


def wait_for_scores(server):
    """Until everybody was scored once."""
    while True:
        found = server.get("/api/v1/overview").json()
        if found["customers"] >= customers():
            return
        time.sleep(1)


def measure(figures):
    folder = Run.work / "room"
    one = Run.work / "one.csv"
    output_of(Run.build / "room_bench", "csv", one, 1, 1)
    output_of(PROGRAM, "import", one, "--data", folder, "--pack", "marketplace")
    told = json.loads(output_of(Run.build / "room_bench", "fill", folder / "state", customers(),
                                DAYS))
    for part in ("encoded", "states", "marks"):
        told[part] /= customers()
    told["lake"] = lake_bytes()
    with Server(folder) as server:
        wait_for_scores(server)
        reads = 2_000 if Run.quick else 20_000
        read_times(server, reads // 10)
        times = []
        for _ in range(Run.rounds):
            begun = time.monotonic()
            some = read_times(server, reads // Run.rounds)
            figures.add("room_read", len(some), time.monotonic() - begun, 0)
            times += some
        told["memory"], told["memory_most"] = memory_of(server.process.pid)
        server.stop()
    times.sort()
    told["p50_ms"], told["p99_ms"] = times[len(times) // 2], times[len(times) * 99 // 100]
    room = told["states"] + told["marks"]
    require(room <= BYTES_MAX, f"room: {room:.0f} bytes a customer")
    require(told["memory_most"] <= MEMORY_MAX, f"room: {told['memory_most'] >> 20} MiB")
    if told["p99_ms"] > P99_MS_MAX:
        print(f"bench: room: p99 of reads is {told['p99_ms']:.2f} ms, above {P99_MS_MAX}")
    return told


def words(told):
    return [f"""**Room**: {customers():,} customers with one event a day over 10 names for {DAYS}
  days, written as states and the dedupe marks of 7 days into a folder's state, compacted. A
  customer takes {told["states"]:.0f} bytes of tiles, counters and traits ({told["encoded"]:.0f}
  before compression) and {told["marks"]:.0f} of marks, {told["states"] + told["marks"]:.0f} in all
  (at most {BYTES_MAX:,}); the history takes {told["lake"]:.0f} bytes an event in the lake beside.
  Served, after everybody was scored, the program held {told["memory"] >> 20:,} MiB (at most
  {told["memory_most"] >> 20:,}, allowed {MEMORY_MAX >> 20:,}); features of a random customer over
  one HTTP connection took {told["p50_ms"]:.2f} ms at the median and {told["p99_ms"]:.2f} ms at the
  99th percentile, the client's time in Python included."""]

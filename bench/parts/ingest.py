"""Acknowledged events over HTTP, and the same events until they are applied."""

import json
import time

from measuring import Run, output_of, processor_seconds, require
from support.server import Server

ORDER = 10
TARGETS = ("load_client",)
CASES = {
    "ingest": ("durable ingest over HTTP, until acknowledged", "events"),
    "ingest_applied": ("the same events, until applied to states", "events"),
}
CONNECTIONS = 20
BATCH_EVENTS = 100


def batches():
    """Batches a connection and round."""
    return 10 if Run.quick else 40


def measure(figures):
    with Server(Run.work / "ingest") as server:
        key = server.new_key("bench")
        events = CONNECTIONS * batches() * BATCH_EVENTS
        latencies_ms = []
        for round_number in range(-1, Run.rounds):  # the first one warms up
            before, used = server.totals(), processor_seconds(server.process.pid)
            sent = json.loads(output_of(Run.build / "load_client", server.port, key,
                                        f"r{round_number + 1}", CONNECTIONS, batches(),
                                        BATCH_EVENTS))
            acknowledged = time.monotonic()
            after = server.totals()
            applied_s = sent["wall_s"] + time.monotonic() - acknowledged
            used = processor_seconds(server.process.pid) - used
            require(sent["events"] == events, "the client sent another number of events")
            for count in ("received", "applied"):
                require(after[count] - before[count] == events,
                        f"ingest: {count} {after[count] - before[count]} of {events}")
            if round_number < 0:
                continue
            # The server's CPU time holds the applying too, which goes on beside the ingest.
            figures.add("ingest", events, sent["wall_s"], used)
            figures.add("ingest_applied", events, applied_s, used)
            latencies_ms.append((sent["p50_ms"], sent["p99_ms"], sent["max_ms"]))
        server.stop()
    middle = sorted(latencies_ms)[len(latencies_ms) // 2]
    return {"p50_ms": middle[0], "p99_ms": middle[1],
            "max_ms": max(latency[2] for latency in latencies_ms)}


def words(told):
    return [f"""**Durable ingest**: `tideline serve` in a fresh folder with default settings.
  `bench/load_client.cc` sends {batches() * CONNECTIONS * BATCH_EVENTS:,} events of 376 bytes a
  round over {CONNECTIONS} connections, {BATCH_EVENTS} events a batch, made before the clock
  starts; each connection waits for its answer (200: synced to disk). A batch took
  {told["p50_ms"]:.0f} ms at the median, {told["p99_ms"]:.0f} ms at the 99th percentile (of the
  middle round) and {told["max_ms"]:.0f} ms at worst. CPU, of both rows, is the server's, with
  applying, archiving and scoring, which go on meanwhile; the client takes its own on the same
  cores. One round before the first warms up. Checked: the totals `received` and `applied` grew by
  exactly what was sent."""]

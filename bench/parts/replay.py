"""Replay: a new state out of the lake, on one core."""

import json
import os
import time

from measuring import PROGRAM, Run, children_seconds, output_of, require

ORDER = 60
TARGETS = ()
CASES = {"replay": ("replay on one core: reading Parquet, applying, writing states", "events")}


def customers_and_days():
    return (300, 120) if Run.quick else (5_000, 365)


def features_of(folder):
    return output_of(PROGRAM, "features", "--data", folder, "--format", "csv")


def measure(figures):
    customers, days = customers_and_days()
    made, folder = Run.work / "replayed-events", Run.work / "replayed"
    output_of(PROGRAM, "generate", "--pack", "marketplace", "--customers", customers, "--days",
              days, "--seed", 7, "--out", made)
    events = json.loads((made / "manifest.json").read_text())["events"]
    output_of(PROGRAM, "import", *sorted(made.glob("events-*.parquet")), "--data", folder,
              "--pack", "marketplace", "--json")
    before = features_of(folder)
    core = sorted(os.sched_getaffinity(0))[0]
    for _ in range(Run.rounds):
        used, start = children_seconds(), time.monotonic()
        told = json.loads(output_of("taskset", "-c", core, PROGRAM, "replay", "--data", folder,
                                    "--json"))
        wall, used = time.monotonic() - start, children_seconds() - used
        require(told["events"] == events, f"replay: {told} of {events} events")
        figures.add("replay", events, wall, used)
    require(features_of(folder) == before, "replay: other features than before")
    return {"events": events}


def words(told):
    customers, days = customers_and_days()
    return [f"""**Replay**: `tideline replay` of a folder with {told["events"]:,} events of
  {customers:,} customers in {days} days, held to one core, from the start of the process to its
  end: opening the folder, checking the old state's files, reading the lake, applying, writing the
  new state and swapping. Checked: all events, and the features are the same before and after."""]

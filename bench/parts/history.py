"""Import of a generated history into a fresh folder: applied to state and archived in the lake."""

import json
import shutil
import time

from measuring import PROGRAM, Run, children_seconds, output_of, require

ORDER = 30
TARGETS = ()
CASES = {"import": ("import of a generated history", "events")}


def customers_and_days():
    return (200, 120) if Run.quick else (1_000, 180)


def measure(figures):
    customers, days = customers_and_days()
    history = Run.work / "history"
    output_of(PROGRAM, "generate", "--customers", customers, "--days", days, "--seed", 7, "--out",
              history)
    events = json.loads((history / "manifest.json").read_text())["events"]
    require(events > 100 * customers, f"only {events} events were generated")
    files = sorted(history.glob("events-*.parquet"))
    for _ in range(Run.rounds):
        folder = Run.work / "imported"
        used, start = children_seconds(), time.monotonic()
        counts = json.loads(output_of(PROGRAM, "import", *files, "--data", folder, "--pack",
                                      "marketplace", "--json"))
        wall, used = time.monotonic() - start, children_seconds() - used
        require(counts["received"] == events and counts["applied"] == events,
                f"import: {counts} of {events}")
        stored = json.loads(output_of(PROGRAM, "sql", "select count(*) as n from events", "--data",
                                      folder, "--json"))
        require(int(stored[0]["n"]) == events, f"import: the lake holds {stored} of {events}")
        figures.add("import", events, wall, used)
        shutil.rmtree(folder)
    return {"events": events}


def words(told):
    customers, days = customers_and_days()
    return [f"""**Import**: `tideline import` of {told["events"]:,} events ({customers:,}
  customers, {days} days, as `tideline generate` writes them) into a fresh folder, from the start
  of the process to its end: applied to states and archived in the lake. Checked: all are applied,
  and counted in the lake."""]

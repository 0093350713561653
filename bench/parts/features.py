"""From the lake's files to the features of all customers: the product beside the SQL oracle."""

import json
import sys

from measuring import PROGRAM, ROOT, Run, add_lines, output_of, require

ORDER = 50
TARGETS = ("feature_bench",)
CASES = {
    "features_lake": ("Parquet, apply, 46 features, one thread", "customers"),
    "features_sql": ("the oracle's SQL in DuckDB, one thread", "customers"),
}
PEERS = [("features_lake", "features_sql")]
AT = "2026-01-01T00:00:00.000Z"


def customers_and_days():
    return (2_000, 60) if Run.quick else (100_000, 30)


def rounds():
    return Run.rounds if Run.quick else min(Run.rounds, 3)  # the SQL takes minutes


def measure(figures):
    customers, days = customers_and_days()
    made, lake = Run.work / "made", Run.work / "made-lake"
    output_of(PROGRAM, "generate", "--pack", "marketplace", "--customers", customers, "--days",
              days, "--seed", 11, "--end", AT[:10], "--out", made)
    events = json.loads((made / "manifest.json").read_text())["events"]
    oracle = ROOT / "bench/peers/oracle.mjs"
    output_of("node", oracle, "prepare", "--from", made / "events-*.parquet", "--to", lake,
              "--at", AT)
    first = {}
    for _ in range(rounds()):
        outs = {"ours": Run.work / "ours.csv", "theirs": Run.work / "theirs.csv"}
        add_lines(figures, output_of(Run.build / "feature_bench", lake, events, AT, outs["ours"]))
        peer = json.loads(output_of("node", oracle, "run", "--events",
                                    lake / "events/*/*.parquet", "--points", lake / "points.csv",
                                    "--out", outs["theirs"]))
        figures.add("features_sql", peer["units"], peer["wall_s"], peer["cpu_s"])
        require(peer["units"] == figures.rounds["features_lake"][-1].units,
                "the two computed features of different customers")
        if not first:
            output_of(sys.executable, ROOT / "tests/oracle/compare.py", *outs.values())
        for name, out in outs.items():
            found = out.read_bytes()
            require(first.setdefault(name, found) == found, f"{name}: other features than before")
    return {"events": events}


def words(told):
    customers, days = customers_and_days()
    return [f"""**Features from the lake**: {customers:,} customers with {told["events"]:,} events
  in {days} days, one Parquet file, all features of all customers as of the end. Ours
  (`bench/feature_bench.cc`): reading, applying to empty states, computing, one thread. The peer:
  `tests/oracle/marketplace.sql` in DuckDB with one thread over the same file. Checked: every cell
  agrees within 1e-9 in the first round, and every round gives the same bytes."""]

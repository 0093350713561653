"""The program's features are those of the SQL oracle, on simulated businesses.

tideline-test: timeout=600 serial
"""

import os
import pathlib

from support.cases import Cases
from support.oracle import ROOT, compare_with_oracle, program

SEED = 20260105
SLOW = bool(os.environ.get("TIDELINE_SANITIZE"))
CUSTOMERS, POINTS, TIMES = (100, 1_000, 10) if SLOW else (600, 10_000, 40)


def compare(cases, pack, customers, days, features, points):
    """Simulates a business, imports it, and compares every feature at `points` points."""
    folder, history = f"folder-{pack}", pathlib.Path(f"history-{pack}")
    with cases.case(f"a simulated history of {pack} is imported"):
        program("generate", "--pack", ROOT / "packs" / pack, "--customers", customers, "--days",
                days, "--seed", SEED, "--out", history)
        program("import", *sorted(history.glob("events-*.parquet")), "--pack",
                ROOT / "packs" / pack, "--data", folder)
    with cases.case(f"{features} features of {pack} at {points} points are those of the oracle"):
        print(compare_with_oracle(folder, pack, points, TIMES, SEED))


def main():
    cases = Cases()
    print(f"# seed {SEED}")
    compare(cases, "marketplace", CUSTOMERS, 365, 46, POINTS)
    compare(cases, "engagement", CUSTOMERS // 2, 200, 72, POINTS // 4)
    cases.finish()


if __name__ == "__main__":
    main()

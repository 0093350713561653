"""The program's marketplace features are those of the SQL oracle, on a simulated business.

tideline-test: timeout=600 serial
"""

import os
import pathlib

from support.cases import Cases
from support.oracle import ROOT, compare_with_oracle, program

SEED = 20260105
SLOW = bool(os.environ.get("TIDELINE_SANITIZE"))
CUSTOMERS, POINTS, TIMES = (100, 1_000, 10) if SLOW else (600, 10_000, 40)


def main():
    cases = Cases()
    pack = ROOT / "packs/marketplace"
    print(f"# seed {SEED}")
    with cases.case("a simulated marketplace is imported"):
        program("generate", "--pack", pack, "--customers", CUSTOMERS, "--days", 365,
                "--seed", SEED, "--out", "history")
        files = sorted(pathlib.Path("history").glob("events-*.parquet"))
        program("import", *files, "--pack", pack, "--data", "folder")
    with cases.case(f"46 features at {POINTS} points are those of the oracle"):
        print(compare_with_oracle("folder", "marketplace", POINTS, TIMES, SEED))
    cases.finish()


if __name__ == "__main__":
    main()

"""kill -9 under load from 8 producers with 20 % deliberate duplicates, 50 times.

tideline-test: timeout=600 serial
"""

import os
import pathlib
import random

from faults.cycles import run_cycles
from support.cases import Cases

CYCLES = int(os.environ.get("TIDELINE_CRASH_CYCLES", "50"))


def main():
    cases = Cases()
    seed = int(os.environ.get("TIDELINE_SEED") or random.randrange(1 << 30))
    print(f"seed {seed}")
    folder = pathlib.Path(os.environ["TIDELINE_TMP"]) / "crash"
    with cases.case(f"{CYCLES} kills lose, double and misorder nothing"):
        print(run_cycles(folder, CYCLES, seed))
    cases.finish()


main()

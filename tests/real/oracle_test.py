"""The features of the packs commerce and learning are those of the SQL oracle, on real data.

tideline-test: timeout=600 serial
"""

import os
import pathlib

from support.cases import Cases
from support.oracle import ROOT, compare_with_oracle, program

BUSINESSES = [
    # pack, map, folder of the data, its files
    ("learning", "oulad", "oulad", ["*.csv", "*.csv.gz"]),
    ("commerce", "cdnow", "cdnow", ["CDNOW_master.txt"]),
    ("commerce", "online-retail-lines", "online-retail", ["lines_*"]),
    ("commerce", "complete-journey", "complete-journey", ["*.csv", "*.csv.gz"]),
]
POINTS, TIMES = 2_000, 16


def load(pack, name, source, patterns):
    """Imports a data set into the folder `name`; some of its rows may become dead letters."""
    folder = pathlib.Path(os.environ["TIDELINE_DATA"]) / source
    files = sorted(path for pattern in patterns for path in folder.glob(pattern))
    program("import", *files, "--map", ROOT / f"packs/{pack}/import/{name}.toml",
            "--pack", ROOT / "packs" / pack, "--data", name, expect=(0, 3))


def main():
    cases = Cases()
    for pack, name, source, patterns in BUSINESSES:
        with cases.case(f"{name}: features at {POINTS} points are those of the oracle"):
            load(pack, name, source, patterns)
            print(compare_with_oracle(name, pack, POINTS, TIMES))
    cases.finish()


if __name__ == "__main__":
    main()

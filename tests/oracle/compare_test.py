#!/usr/bin/env python3
"""Tests that compare.py lets equal tables pass and nothing else.

tideline-test: needs=none timeout=60
"""

import os
import pathlib
import subprocess
import sys
import tempfile

COMPARE = pathlib.Path(__file__).with_name("compare.py")
HEAD = "customer_id,as_of,a,b,coverage\n"
ROW = "c1,2025-01-01T00:00:00Z,1000000,,0.5\n"
CASES = [
    # what, left, right, exit status
    ("equal tables", HEAD + ROW, HEAD + ROW, 0),
    ("times written differently", HEAD + ROW, HEAD + ROW.replace("00Z", "00.000000Z"), 0),
    ("within the tolerance", HEAD + ROW, HEAD + ROW.replace("1000000", "1000000.0009"), 0),
    ("beyond the tolerance", HEAD + ROW, HEAD + ROW.replace("1000000", "1000000.0011"), 1),
    ("a small number beyond it", HEAD + ROW, HEAD + ROW.replace("0.5", "0.500000002"), 1),
    ("missing on one side", HEAD + ROW, HEAD + ROW.replace(",,", ",0,"), 1),
    ("nan", HEAD + ROW.replace(",,", ",nan,"), HEAD + ROW.replace(",,", ",nan,"), 1),
    ("a row less", HEAD + ROW + ROW.replace("c1", "c2"), HEAD + ROW, 1),
    ("another time", HEAD + ROW, HEAD + ROW.replace("00Z", "01Z"), 1),
    ("another column", HEAD + ROW, HEAD.replace("a,b", "b,a") + ROW, 1),
    ("no rows", HEAD, HEAD, 1),
]


def main():
    failed = 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TIDELINE_TMP")) as folder:
        for what, left, right, status in CASES:
            paths = []
            for name, text in (("left.csv", left), ("right.csv", right)):
                paths.append(pathlib.Path(folder) / name)
                paths[-1].write_text(text, encoding="utf-8")
            run = subprocess.run([sys.executable, COMPARE, *paths], capture_output=True, text=True)
            name = f"comparing feature tables: {what}"
            if run.returncode == status:
                print(f"ok {name}")
            else:
                failed += 1
                print(f"not ok {name}: exit {run.returncode}, expected {status}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

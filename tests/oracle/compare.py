#!/usr/bin/env python3
"""Compares two feature tables: python3 tests/oracle/compare.py A.csv B.csv

Both have the columns customer_id, as_of, features ..., coverage in the same order. Rows are
paired by customer_id and as_of; a row that only one file has is a difference. Two cells agree when
both are missing (empty), or when both are numbers within 1e-9 x max(1, |value|). Prints the number
of cells, of differences and the worst cell; exit 1 on any difference or when there is no row to
compare.
"""

import argparse
import csv
import math
import re
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from fractions import Fraction

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$")


def instant(text):
    """Seconds since 1970 as an exact fraction; times without a zone are UTC."""
    match = TIME.match(text)
    if not match:
        raise ValueError(f"unreadable time {text!r}")
    date, clock, fraction, zone = match.groups()
    moment = datetime.fromisoformat(f"{date}T{clock}+00:00")
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        moment -= offset if zone[0] == "+" else -offset
    seconds = Fraction(round((moment - EPOCH).total_seconds()))
    return seconds + (Fraction(int(fraction), 10 ** len(fraction)) if fraction else 0)


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, None)
        if header is None or header[:2] != ["customer_id", "as_of"]:
            sys.exit(f"{path}: the first columns must be customer_id, as_of")
        table = {}
        count = Counter()
        for row in rows:
            if len(row) != len(header):
                sys.exit(f"{path}: {len(row)} cells under {len(header)} columns: {row[:2]}")
            key = (row[0], instant(row[1]))
            # The same point asked twice is compared in order.
            table[key + (count[key],)] = row
            count[key] += 1
    return header, table


def difference(left, right):
    """How far two cells are apart, over max(1, |right|); infinite when only one is missing."""
    if left == "" or right == "":
        return 0.0 if left == right else math.inf
    a, b = float(left), float(right)
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(a - b) / max(1.0, abs(b))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("left")
    parser.add_argument("right")
    parser.add_argument("--tolerance", type=float, default=1e-9)
    parser.add_argument("--show", type=int, default=10, help="differences to print")
    options = parser.parse_args()

    header, left = read(options.left)
    other_header, right = read(options.right)
    if header != other_header:
        for place, names in enumerate(zip(header, other_header)):
            if names[0] != names[1]:
                sys.exit(f"column {place + 1} is {names[0]} in one file, {names[1]} in the other")
        sys.exit(f"{len(header)} columns in one file and {len(other_header)} in the other")

    alone = ([(options.left, key) for key in left if key not in right]
             + [(options.right, key) for key in right if key not in left])
    for path, key in alone[: options.show]:
        print(f"only in {path}: {key[0]!r} at {EPOCH + timedelta(seconds=float(key[1]))}")

    cells = wrong = missing = 0
    worst = (-1.0, "")
    by_column = Counter()
    for key in left.keys() & right.keys():
        for name, a, b in zip(header[2:], left[key][2:], right[key][2:]):
            cells += 1
            missing += a == "" and b == ""
            apart = difference(a, b)
            place = (f"{name} of {key[0]!r} at {left[key][1]}: "
                     f"{a or 'missing'} and {b or 'missing'}")
            if apart > worst[0]:
                worst = (apart, place)
            if apart > options.tolerance:
                wrong += 1
                by_column[name] += 1
                if wrong <= options.show:
                    print(f"differs: {place}")

    rows = len(left.keys() & right.keys())
    for name, count in by_column.most_common():
        print(f"  {count:8d} differences in {name}")
    print(f"{rows} rows, {cells} cells ({missing} missing in both), {wrong} differ, "
          f"{len(alone)} rows in one file only")
    print(f"worst: {worst[0]:.3g} {worst[1]}")
    if rows == 0:
        print("nothing was compared")
    sys.exit(1 if wrong or alone or rows == 0 else 0)


if __name__ == "__main__":
    main()

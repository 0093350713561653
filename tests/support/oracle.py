"""The program's features beside those of the SQL oracle (tests/oracle), at many points.

    from support.oracle import compare_with_oracle
    compare_with_oracle("folder", "marketplace", points=10_000, times=40)
"""

import collections
import csv
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
ORACLE = ROOT / "tests/oracle"


def run(*words, expect=(0,)):
    """Standard output of a command, whose exit status must be one of `expect`."""
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                            check=False)
    shown = " ".join(str(word) for word in words)[:300]
    assert result.returncode in expect, (f"{shown}: status {result.returncode}: "
                                         f"{(result.stdout + result.stderr)[-2000:]}")
    return result.stdout


def program(*words, expect=(0,)):
    """Standard output of the program."""
    return run(os.environ["TIDELINE_BIN"], *words, expect=expect)


def points_of(path):
    """{as_of: [customer]} of a CSV of points."""
    points = collections.defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            points[row["as_of"]].append(row["customer_id"])
    return points


def program_features(folder, points, out):
    """Writes the program's features at `points` to the CSV `out`, one call a moment."""
    with open(out, "w", newline="", encoding="utf-8") as file:
        writer = None
        for as_of, customers in points.items():
            part = f"{out}.part"
            program("features", "--data", folder, "--at", as_of, "--customer", *customers,
                    "--format", "csv", "--out", part)
            with open(part, newline="", encoding="utf-8") as rows:
                reader = csv.reader(rows)
                header = next(reader)
                if writer is None:
                    writer = csv.writer(file)
                    writer.writerow(header)
                writer.writerows(reader)


def compare_with_oracle(folder, pack, points, times, seed=1):
    """Fails where a feature of the folder's history is not what the oracle of `pack` says.

    `points` (customer, time) at `times` moments, midnight and odd ones. Returns the closing lines
    of the comparison.
    """
    events = f"{folder}/lake/events/*/*.parquet"
    asked, ours, theirs = (f"{folder}-{name}.csv" for name in ("points", "program", "oracle"))
    run("node", ORACLE / "make_points.mjs", "--events", events, "--count", points, "--times",
        times, "--seed", seed, "--out", asked)
    found = points_of(asked)
    chosen = sum(len(customers) for customers in found.values())
    assert chosen == points, f"only {chosen} points in this history, seed {seed}"
    program_features(folder, found, ours)
    run("node", ORACLE / "run_oracle.mjs", "--events", events, "--points", asked, "--sql",
        ORACLE / f"{pack}.sql", "--out", theirs)
    return run(sys.executable, ORACLE / "compare.py", ours, theirs)

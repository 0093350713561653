"""Scoring whole tables: `tideline score` beside a plain program that reads with DuckDB and calls
libxgboost. TIDELINE_BENCH_ROWS=60000000 also scores a table of that size."""

import json
import os
import shutil
import subprocess
import sys
import time

from measuring import PROGRAM, Run, add_lines, output_of, require

ORDER = 66
TARGETS = ("batch_bench",)
CASES = {
    "batch": ("a table of 72 features scored for three tasks, 300 trees each", "rows"),
    "batch_peer": ("DuckDB and libxgboost, 2 threads, the same table", "rows"),
    "batch_large": ("the same, a larger table", "rows"),
}
PEERS = [("batch", "batch_peer")]
THREADS = 2
ROWS_A_FILE = 1_000_000
SAMPLE_ROWS = 1_000_000  # compared figure by figure
MEMORY_MAX = 2 << 30
CPU_GROWTH_MAX = 1.1  # of a row, from the smaller table to the larger one


def rows():
    return 200_000 if Run.quick else 3_000_000


def large_rows():
    return int(os.environ.get("TIDELINE_BENCH_ROWS", 0))


def data_folder():
    """A folder of the pack engagement with one model, nothing but trees."""
    made, folder = Run.work / "batch-events", Run.work / "batch-data"
    output_of(PROGRAM, "generate", "--pack", "engagement", "--customers", 20, "--days", 40,
              "--out", made)
    output_of(PROGRAM, "import", *sorted(made.glob("events-*.parquet")), "--data", folder,
              "--pack", "engagement")
    output_of(Run.build / "batch_bench", "model", folder / "models", Run.work / "trees")
    return folder


def table(name, count):
    folder = Run.work / name
    files = max(2, count // ROWS_A_FILE)
    output_of(Run.build / "batch_bench", "table", folder, count, files)
    return folder


def score(data, tables, out):
    """(wall seconds, CPU seconds, bytes at most, what the program told)."""
    shutil.rmtree(out, ignore_errors=True)
    begun = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in (PROGRAM, "score", "--in", *sorted(tables.glob("*.parquet")),
                                "--out", out, "--model", "v1", "--data", data, "--json")],
        stdout=subprocess.PIPE, text=True)
    told = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - begun
    require(process.returncode == 0, f"score ended with {process.returncode}")
    return (took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, json.loads(told))


def one_round(figures, case, data, tables, count):
    out = Run.work / "scores"
    took, cpu, memory, told = score(data, tables, out)
    require(told["rows"] == told["scored"] == count, f"{told} of {count} rows")
    require(memory <= MEMORY_MAX, f"{memory >> 20} MiB of memory")
    figures.add(case, count, took, cpu)
    return memory


def compare(data):
    """Every figure of a sample is libxgboost's."""
    tables = table("batch-sample", min(rows(), SAMPLE_ROWS))
    expected, out = Run.work / "expected.bin", Run.work / "scores"
    output_of(Run.build / "batch_bench", "peer", tables, Run.work / "trees", THREADS, expected)
    score(data, tables, out)
    compared = json.loads(output_of(Run.build / "batch_bench", "compare", expected, out))
    require(compared["rows"] == min(rows(), SAMPLE_ROWS), compared)
    shutil.rmtree(tables)
    return compared["rows"]


def measure(figures):
    data = data_folder()
    told = {"compared": compare(data), "memory": 0}
    tables = table("batch-table", rows())
    for _ in range(min(Run.rounds, 3)):
        told["memory"] = max(told["memory"],
                             one_round(figures, "batch", data, tables, rows()))
        add_lines(figures, output_of(Run.build / "batch_bench", "peer", tables,
                                     Run.work / "trees", THREADS))
    shutil.rmtree(tables)
    if large_rows():
        tables = table("batch-large", large_rows())
        print(f"bench: {large_rows():,} rows", file=sys.stderr, flush=True)
        told["large_memory"] = one_round(figures, "batch_large", data, tables, large_rows())
        growth = figures.cpu_us("batch_large") / figures.cpu_us("batch")
        told["growth"] = growth
        shutil.rmtree(tables)
    return told


def words(told):
    text = f"""**Whole tables**: `tideline score` with a folder to write into, {rows():,} rows of
  72 count-like values, a twentieth missing, in Parquet files of {ROWS_A_FILE:,} rows; a model of
  three tasks with 300 trees of depth 6 each; figures, tier, status and version written as Parquet.
  The peer (`bench/batch_bench.cc`) reads the same files with DuckDB, calls
  `XGBoosterPredictFromDense` on {THREADS} threads for blocks of 65,536 rows, and writes nothing.
  Checked: {told["compared"]:,} rows of figures are libxgboost's, bit by bit. Ours took at most
  {told["memory"] >> 20} MiB."""
    if "growth" in told:
        text += f""" The larger table has {large_rows():,} rows; it took at most
  {told["large_memory"] >> 20} MiB, and {told["growth"]:.2f} times the CPU a row (at most
  {CPU_GROWTH_MAX})."""
    return [text]

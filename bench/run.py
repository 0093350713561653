#!/usr/bin/env python3
"""Figures of speed: prints a table and writes docs/benchmarks.md.

    TIDELINE_BIN=build/release/tideline bench/run.py [--quick] [--only ingest,log,import,core]
                                       [--rounds N] [--build DIR] [--out FILE]

Builds the measuring programs of bench/ in the build folder of TIDELINE_BIN, or in the one that
--build names. Every part checks what it measured and fails when work was skipped. With --quick or
--only nothing is written unless --out says where.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench"))

from report import Figures, page, table  # noqa: E402
from support.server import Server  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("TIDELINE_BIN", ROOT / "build/release/tideline")).resolve()
os.environ["TIDELINE_BIN"] = str(PROGRAM)
PARTS = ("ingest", "log", "import", "core")
CONNECTIONS = 20
BATCH_EVENTS = 100


class Folders:
    """Where things are; set once, by main()."""

    build = PROGRAM.parent  # of the measuring programs
    work = None  # what is measured, made afresh and removed


class Sizes:
    """How much work a round does."""

    def __init__(self, quick):
        self.rounds = 2 if quick else 7
        self.ingest_batches = 10 if quick else 40  # a connection
        self.log_records = 50_000 if quick else 200_000
        self.import_customers, self.import_days = (200, 120) if quick else (1_000, 180)
        self.core_customers, self.core_days = (300, 180) if quick else (1_000, 365)
        self.core_seconds = 0.1 if quick else 0.5


def output_of(*words):
    """Standard output of a command that must end well."""
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, words))[:200]}: status {result.returncode}: "
                 f"{(result.stdout + result.stderr)[-2000:]}")
    return result.stdout


def build():
    # The folder may have been configured before bench/ was there.
    output_of("cmake", Folders.build)
    output_of("cmake", "--build", Folders.build, "--parallel", os.cpu_count(), "--target",
              "core_bench", "log_bench", "load_client")


def require(condition, what):
    if not condition:
        sys.exit(f"bench: {what}")


def processor_seconds(pid):
    """CPU seconds that a process has used, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def add_lines(figures, lines):
    """Rounds that a measuring program printed; returns what it told about itself."""
    about = {}
    for line in lines.splitlines():
        found = json.loads(line)
        if "case" in found:
            figures.add(found["case"], found["units"], found["wall_s"], found["cpu_s"])
        else:
            about = found
    return about


def measure_ingest(figures, sizes):
    """Acknowledged events over HTTP, and the same events until they are applied."""
    with Server(Folders.work / "ingest") as server:
        key = server.new_key("bench")
        events = CONNECTIONS * sizes.ingest_batches * BATCH_EVENTS
        latencies_ms = []
        for round_number in range(-1, sizes.rounds):  # the first one warms up
            before, used = server.totals(), processor_seconds(server.process.pid)
            sent = json.loads(output_of(Folders.build / "load_client", server.port, key,
                                        f"r{round_number + 1}", CONNECTIONS,
                                        sizes.ingest_batches, BATCH_EVENTS))
            acknowledged = time.monotonic()
            after = server.totals()
            applied_s = sent["wall_s"] + time.monotonic() - acknowledged
            used = processor_seconds(server.process.pid) - used
            require(sent["events"] == events, "the client sent another number of events")
            for count in ("received", "applied"):
                require(after[count] - before[count] == events,
                        f"ingest: {count} {after[count] - before[count]} of {events}")
            if round_number < 0:
                continue
            # The server's CPU time holds the applying too, which goes on beside the ingest.
            figures.add("ingest", events, sent["wall_s"], used)
            figures.add("ingest_applied", events, applied_s, used)
            latencies_ms.append((sent["p50_ms"], sent["p99_ms"], sent["max_ms"]))
        server.stop()
    middle = sorted(latencies_ms)[len(latencies_ms) // 2]
    return {"p50_ms": middle[0], "p99_ms": middle[1],
            "max_ms": max(latency[2] for latency in latencies_ms)}


def measure_log(figures, sizes):
    folder = Folders.work / "logs"
    folder.mkdir()
    add_lines(figures, output_of(Folders.build / "log_bench", folder, sizes.rounds,
                                 sizes.log_records))


def measure_import(figures, sizes):
    """A generated history into a fresh folder: applied to state and archived in the lake."""
    history = Folders.work / "history"
    output_of(PROGRAM, "generate", "--customers", sizes.import_customers, "--days",
              sizes.import_days, "--seed", 7, "--out", history)
    events = json.loads((history / "manifest.json").read_text())["events"]
    require(events > 100 * sizes.import_customers, f"only {events} events were generated")
    files = sorted(history.glob("events-*.parquet"))
    for _ in range(sizes.rounds):
        folder = Folders.work / "imported"
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
    return {"events": events, "customers": sizes.import_customers, "days": sizes.import_days}


def measure_core(figures, sizes):
    return add_lines(figures, output_of(Folders.build / "core_bench", sizes.core_customers,
                                        sizes.core_days, sizes.rounds, sizes.core_seconds))


def flags_of(folder):
    """Compiler flags of a build folder."""
    cache = (folder / "CMakeCache.txt").read_text()
    kind = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", cache, re.MULTILINE).group(1)
    return re.search(rf"^CMAKE_CXX_FLAGS_{kind.upper()}:\w+=(.*)$", cache,
                     re.MULTILINE).group(1)


def machine():
    """What the figures depend on beside the program."""
    processor = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(),
                          re.MULTILINE)
    return {"cores": os.cpu_count(), "processor": processor.group(1) if processor else "unknown",
            "flags": flags_of(Folders.build), "program_flags": flags_of(PROGRAM.parent),
            "version": output_of(PROGRAM, "version").split("\n")[0].strip()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds of everything")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    parser.add_argument("--rounds", type=int, help="rounds of each part (7; quick: 2)")
    parser.add_argument("--build", type=pathlib.Path, default=PROGRAM.parent,
                        help="build folder of the measuring programs")
    parser.add_argument("--out", type=pathlib.Path, help="where the page is written")
    options = parser.parse_args()
    parts = options.only.split(",")
    require(set(parts) <= set(PARTS), f"--only: parts are {', '.join(PARTS)}")
    require(PROGRAM.exists(), f"{PROGRAM} is not there; run make build")
    whole = set(parts) == set(PARTS)
    require(whole or not options.out, "--out: the page needs all parts")
    out = options.out or (ROOT / "docs/benchmarks.md" if whole and not options.quick else None)

    sizes = Sizes(options.quick)
    sizes.rounds = options.rounds or sizes.rounds
    Folders.build = options.build.resolve()
    Folders.work = Folders.build / "bench-work"
    load_before = os.getloadavg()[0]
    build()
    shutil.rmtree(Folders.work, ignore_errors=True)
    Folders.work.mkdir()
    command = f"bench/run.py{' --quick' if options.quick else ''} --rounds {sizes.rounds}"
    figures = Figures()
    told = {"command": command, "load": load_before, "sizes": vars(sizes), **machine()}
    try:
        for part in parts:
            print(f"bench: {part}, {sizes.rounds} rounds", file=sys.stderr, flush=True)
            told[part] = globals()[f"measure_{part}"](figures, sizes)
    finally:
        shutil.rmtree(Folders.work, ignore_errors=True)
    print(table(figures))
    if out:
        out.write_text(page(figures, told))
        print(f"bench: wrote {out}", file=sys.stderr)


main()

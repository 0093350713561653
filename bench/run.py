#!/usr/bin/env python3
"""Figures of speed: prints a table and writes docs/benchmarks.md.

    TIDELINE_BIN=build/release/tideline bench/run.py [--quick] [--only ingest,log,...]
                                       [--rounds N] [--build DIR] [--out FILE]

The parts are the modules of bench/parts. Builds the measuring programs of bench/ in the build
folder of TIDELINE_BIN, or in the one that --build names. Every part checks what it measured and
fails when work was skipped. With --quick or --only nothing is written unless --out says where.
"""

import argparse
import os
import pathlib
import re
import shutil
import sys

import parts
from measuring import PROGRAM, ROOT, Run, output_of, require
from report import Figures, page, table


def build(targets):
    if not targets:
        return
    output_of("cmake", Run.build)  # it may have been configured before bench/ was there
    output_of("cmake", "--build", Run.build, "--parallel", os.cpu_count(), "--target",
              *sorted(targets))


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
            "flags": flags_of(Run.build), "program_flags": flags_of(PROGRAM.parent),
            "version": output_of(PROGRAM, "version").split("\n")[0].strip()}


def measure(chosen, figures):
    """What each part told about itself, by its name."""
    shutil.rmtree(Run.work, ignore_errors=True)
    Run.work.mkdir()
    told = {}
    try:
        for name, part in chosen.items():
            print(f"bench: {name}, {Run.rounds} rounds", file=sys.stderr, flush=True)
            told[name] = part.measure(figures)
    finally:
        shutil.rmtree(Run.work, ignore_errors=True)
    return told


def main():
    known = parts.load()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds of everything")
    parser.add_argument("--only", default=",".join(known), help="parts, with commas")
    parser.add_argument("--rounds", type=int, help="rounds of each part (7; quick: 2)")
    parser.add_argument("--build", type=pathlib.Path, default=PROGRAM.parent,
                        help="build folder of the measuring programs")
    parser.add_argument("--out", type=pathlib.Path, help="where the page is written")
    options = parser.parse_args()
    names = options.only.split(",")
    require(set(names) <= set(known), f"--only: parts are {', '.join(known)}")
    require(PROGRAM.exists(), f"{PROGRAM} is not there; run make build")
    out = options.out
    if not out and len(names) == len(known) and not options.quick:
        out = ROOT / "docs/benchmarks.md"

    Run.quick = options.quick
    Run.rounds = options.rounds or (2 if options.quick else 7)
    Run.build = options.build.resolve()
    Run.work = Run.build / "bench-work"
    chosen = {name: part for name, part in known.items() if name in names}
    load_before = os.getloadavg()[0]
    build({target for part in chosen.values() for target in part.TARGETS})
    figures = Figures(chosen.values())
    told = measure(chosen, figures)
    print(table(figures))
    if out:
        quick = " --quick" if options.quick else ""
        about = {"command": f"bench/run.py{quick} --rounds {Run.rounds}", "load": load_before,
                 **machine()}
        words = [text for name, part in chosen.items() for text in part.words(told[name])]
        out.write_text(page(figures, about, words))
        print(f"bench: wrote {out}", file=sys.stderr)


main()

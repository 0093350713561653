#!/usr/bin/env python3
"""The long form of the crash test (`make faults`): more kills, other seeds; prints what it found.

    tests/faults/run.py [--cycles 500] [--seed N] [--long]
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CYCLES, LONG_CYCLES = 50, 500
OTHERS = ["planted_bugs_test.py", "poison_test.py"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help=f"{LONG_CYCLES} kills")
    parser.add_argument("--cycles", type=int, help=f"kills; {CYCLES} unless given")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    return parser.parse_args()


def environment(folder):
    """What tools/run_tests.py gives a test."""
    os.environ.setdefault("TIDELINE_BIN", str(ROOT / "build/release/tideline"))
    os.environ.setdefault("TIDELINE_BUILD", str(pathlib.Path(os.environ["TIDELINE_BIN"]).parent))
    os.environ.setdefault("TIDELINE_SANITIZE", "")
    os.environ.update(TIDELINE_SOURCE=str(ROOT), TIDELINE_TMP=str(folder),
                      PYTHONPATH=str(ROOT / "tests"), PYTHONDONTWRITEBYTECODE="1")
    sys.path.insert(0, str(ROOT / "tests"))


def main():
    args = arguments()
    cycles = args.cycles or (LONG_CYCLES if args.long else CYCLES)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tideline-faults-"))
    environment(folder)
    from faults.cycles import run_cycles  # needs the environment

    print(f"{cycles} kills, seed {args.seed}, in {folder}", flush=True)
    started = time.monotonic()
    try:
        line = run_cycles(folder / "crash", cycles, args.seed)
    except AssertionError as error:
        print(f"FAILED after {time.monotonic() - started:.0f} s, seed {args.seed}: {error}")
        return 1
    print(f"{line}; {cycles} kills in {time.monotonic() - started:.0f} s", flush=True)
    status = 0
    for name in OTHERS:
        print(f"--- {name}", flush=True)
        status |= subprocess.run([sys.executable, ROOT / "tests/faults" / name],
                                 check=False).returncode
    if status == 0:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The long form of the fault tests (`make faults`): kills, crash points, disks that fail, a burst.

    tests/faults/run.py [--long] [--cycles 500] [--seed N] [--only kills,crash_points,nth_calls,…]
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
OTHERS = ["planted_bugs_test.py", "poison_test.py", "held_back_test.py"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help=f"{LONG_CYCLES} kills, every call")
    parser.add_argument("--only", help="parts by name, separated by commas")
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


def kills(folder, cycles, seed):
    from faults.cycles import run_cycles
    return run_cycles(folder, cycles, seed)


def crash_points(folder, rounds, seed):
    """Every point `rounds` times, each round in a folder of its own and another order."""
    from faults.points import Template, crash_points as known, run_points
    points, template = known(), Template(folder / "template")
    for number in range(rounds):
        print(run_points(template, folder / str(number), seed + number, points), flush=True)
    return f"{len(points)} crash points x {rounds}"


def nth_calls(folder, every, _):
    """Each `every`-th call of the small scenario fails, in each way."""
    from faults.io_faults import NTH_KINDS, count_calls, nth_call, template
    source = folder / "template"
    folder.mkdir()
    keys, done = template(source), 0
    for kind in NTH_KINDS:
        # Threads of the program take turns: a few calls more or fewer from run to run.
        last = count_calls(source, keys, folder / "count", kind) + 10
        for nth in range(1, last + 1, every):
            told = nth_call(source, keys, folder / "nth", nth, kind)
            done += told is not None
            print(f"{kind}: {told or f'there is no call {nth}'}", flush=True)
    return f"{done} single failing calls"


def failing_syncs(folder, times, seed):
    from faults import disk
    from faults.io_faults import failing_sync, template
    folder.mkdir()
    keys = template(folder / "template")
    for number in range(times):
        part = disk.LOG if number % 2 == 0 else disk.STATE
        print(failing_sync(folder / "template", keys, folder / str(number), part, seed + number),
              flush=True)
    return f"failing sync x {times}"


def full_disks(folder, times, seed):
    from faults.io_faults import disk_full, template
    folder.mkdir()
    keys = template(folder / "template")
    for number in range(times):
        leave = 0 if number % 2 else 20 << 20
        print(disk_full(folder / "template", keys, folder / str(number), seed + number, leave),
              flush=True)
    return f"full disk x {times}"


def bursts(folder, minutes, _):
    """The demo as it is, so many minutes at 7.5 times its rate."""
    from live.burst import long_plan, run_burst
    from support.ports import free_port
    folder.mkdir()
    return run_burst(long_plan(minutes), folder / "demo", free_port())


def models(folder, kills_, seed):
    """Kills while a model is promoted, and ten times as many flipped bits of its files."""
    from faults.models import active, kill_promotions, refuse_flips
    from support.trained import trained_folder
    folder.mkdir()
    data = trained_folder(folder / "data", versions=2)
    done = kill_promotions(data, kills_, seed)
    refuse_flips(data, active(data)[0].rsplit("-", 1)[1], 10 * kills_, seed)
    return f"{done} of {kills_} promotions had taken place; {10 * kills_} flipped bits refused"


def main():
    args = arguments()
    cycles = args.cycles or (LONG_CYCLES if args.long else CYCLES)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tideline-faults-"))
    environment(folder)
    parts = [(kills, cycles), (crash_points, 5 if args.long else 1),
             (nth_calls, 1 if args.long else 20), (failing_syncs, 10 if args.long else 2),
             (full_disks, 5 if args.long else 2), (models, 50 if args.long else 10),
             (bursts, 15 if args.long else 1)]
    if args.only:
        parts = [(part, size) for part, size in parts if part.__name__ in args.only.split(",")]
    print(f"seed {args.seed}, in {folder}", flush=True)
    failed = []
    for part, size in parts:
        print(f"--- {part.__name__}: {size}", flush=True)
        started = time.monotonic()
        try:
            line = part(folder / part.__name__, size, args.seed)
        except AssertionError as error:
            line = f"FAILED: {error}"
            failed.append(part.__name__)
        print(f"{line}; {time.monotonic() - started:.0f} s", flush=True)
    for name in [] if args.only else OTHERS:
        print(f"--- {name}", flush=True)
        if subprocess.run([sys.executable, ROOT / "tests/faults" / name], check=False).returncode:
            failed.append(name)
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"FAILED: {', '.join(failed)}, seed {args.seed}" if failed else "nothing was lost or "
          "doubled, and every end was a right answer or a clear error")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the fuzz harnesses (`make fuzz`): each for some minutes, two at once.

    tests/fuzz/run.py --build build/fuzz [--minutes 10] [--only json_event,pack] [--keep]

What a harness finds lies in the build folder; --keep minimises what it learned into the corpus.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BYTES_MAX = {"json_event": 4096, "pack": 8192, "csv_map": 4096, "http_head": 4096}
KEPT_FILES, KEPT_BYTES = 60, 2048  # of a corpus: so many files, none longer than this


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/fuzz")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    args.build = args.build.resolve()  # harnesses run in folders of their own
    return args


def environment():
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=1:strict_string_checks=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    return env


def run(program, minutes):
    """Fuzzes; (name, what it says of itself, or None and the end of its output)."""
    name = program.name.removeprefix("fuzz_")
    folder = program.parent / "found" / name
    learned = folder / "learned"
    learned.mkdir(parents=True, exist_ok=True)
    words = [program, f"-max_total_time={int(minutes * 60)}", "-timeout=10", "-rss_limit_mb=2048",
             f"-max_len={BYTES_MAX.get(name, 4096)}", f"-artifact_prefix={folder}/",
             "-print_final_stats=1"]
    words += [f"-dict={HERE / name}.dict"] if (HERE / f"{name}.dict").exists() else []
    with open(folder / "log.txt", "w+b") as log:
        status = subprocess.run([*words, learned, HERE / "corpus" / name], stdout=log, stderr=log,
                                cwd=folder, env=environment(), check=False).returncode
        log.seek(0)
        text = log.read().decode("utf-8", "replace")
    executed = re.search(r"number_of_executed_units: (\d+)", text)
    covered = re.findall(r"cov: (\d+)", text)
    line = (f"{name:<15} {executed.group(1) if executed else '?':>9} inputs, "
            f"{covered[-1] if covered else '?':>6} edges")
    return name, line, None if status == 0 else text[-3000:]


def keep(program):
    """Puts the fewest small inputs that reach as much into the corpus."""
    name = program.name.removeprefix("fuzz_")
    learned = program.parent / "found" / name / "learned"
    corpus, merged = HERE / "corpus" / name, learned.parent / "merged"
    small = learned.parent / "small"
    for folder in (merged, small):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    for path in learned.iterdir():
        if path.stat().st_size <= KEPT_BYTES:
            shutil.copy(path, small)
    subprocess.run([program, "-merge=1", merged, corpus, small], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env=environment(), check=True)
    seeds = {path.read_bytes() for path in corpus.glob("seed-*")}
    chosen = sorted(merged.iterdir(), key=lambda path: path.stat().st_size)
    new = [path for path in chosen if path.read_bytes() not in seeds]
    for path in corpus.iterdir():
        if not path.name.startswith(("seed-", "bug-")):
            path.unlink()
    room = KEPT_FILES - len(list(corpus.iterdir()))
    step = max(1, -(-len(new) // max(1, room)))
    for path in new[::step][:room]:
        shutil.copy(path, corpus)


def main():
    args = arguments()
    programs = sorted(path for path in args.build.glob("fuzz_*")
                      if path.is_file() and os.access(path, os.X_OK) and not path.suffix)
    wanted = [name for name in args.only.split(",") if name]
    if wanted:
        programs = [path for path in programs if path.name.removeprefix("fuzz_") in wanted]
    assert programs, f"no harness in {args.build}"
    print(f"{len(programs)} harnesses, {args.minutes:g} minutes each, {args.jobs} at once",
          flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name, line, trouble in pool.map(lambda p: run(p, args.minutes), programs):
            print(f"{'FAILED' if trouble else 'clean':<7}{line}", flush=True)
            if trouble:
                failed += 1
                print(f"{trouble}\nits inputs: {args.build}/found/{name}", flush=True)
    if args.keep:
        for program in programs:
            keep(program)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs every test and closes with `N passed, N failed` (`, N skipped`).

Two kinds of programs: GoogleTest programs, which CTest lists, each case counted; and script tests
(tests/**/*_test.py, .mjs, .sh), which print `ok NAME`, `not ok NAME: why`, `skip NAME: why`.
CONTRIBUTING.md ("Tests") describes the protocol. Exit 1 when a test failed or none ran.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
INTERPRETERS = {".py": [sys.executable, "-u"], ".mjs": ["node"], ".sh": ["bash"]}
PROGRAM_TIMEOUT_S = 600
SANITIZED_FACTOR = 5  # what a time-out is multiplied by in a build with sanitizers
OUTPUT_LINES_SHOWN = 80


running = set()  # process groups of the programs that run now


@dataclasses.dataclass
class Case:
    """One counted test: its name, "passed", "failed" or "skipped", and why."""

    name: str
    outcome: str
    why: str = ""
    seconds: float = 0.0


@dataclasses.dataclass
class Program:
    """A test program: how to start it and under which conditions."""

    name: str
    kind: str  # "gtest" or "script"
    command: list
    timeout_s: float = PROGRAM_TIMEOUT_S
    serial: bool = False
    needs_program: bool = False


@dataclasses.dataclass
class Run:
    """What came of a program."""

    program: Program
    cases: list
    output: str
    seconds: float
    folder: pathlib.Path

    def count(self, outcome):
        return sum(1 for case in self.cases if case.outcome == outcome)


# --- finding ---------------------------------------------------------------------------------


def gtest_programs(build):
    """The GoogleTest programs of a build folder, as CTest lists them."""
    if not (build / "CTestTestfile.cmake").exists():
        sys.exit(f"run_tests: {build} is not a configured build folder")
    listing = subprocess.run(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1"],
        check=True, capture_output=True, text=True).stdout
    programs = []
    for test in json.loads(listing)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        labels = properties.get("LABELS", [])
        programs.append(Program(
            name=test["name"], kind="gtest", command=test.get("command", []),
            timeout_s=float(properties.get("TIMEOUT", PROGRAM_TIMEOUT_S)),
            serial="serial" in labels or properties.get("RUN_SERIAL", False) is True))
    return programs


def script_program(path):
    """Reads the `tideline-test:` line in a script's head: timeout=SECONDS, serial, needs=none."""
    words = []
    with open(path, encoding="utf-8") as file:
        for _, line in zip(range(30), file):
            match = re.search(r"tideline-test:(.*)", line)
            if match:
                words = match.group(1).replace('"""', "").split()
                break
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    return Program(
        name=str(path.relative_to(ROOT)), kind="script",
        command=INTERPRETERS[path.suffix] + [str(path)],
        timeout_s=float(settings.get("timeout", PROGRAM_TIMEOUT_S)),
        serial="serial" in words, needs_program=settings.get("needs", "program") == "program")


def script_programs(real):
    """Script tests: those of tests/real when `real`, else all others."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*_test.*")):
        inside = path.relative_to(ROOT / "tests").parts
        if path.suffix in INTERPRETERS and "node_modules" not in inside:
            if (inside[0] == "real") == real:
                found.append(script_program(path))
    return found


# --- running ---------------------------------------------------------------------------------


def environment(args, folder):
    """What a test program sees: its own temporary folder and where things are."""
    env = dict(os.environ)
    env.update(
        TIDELINE_BIN=str(args.build / "tideline"), TIDELINE_BUILD=str(args.build),
        TIDELINE_SOURCE=str(ROOT), TIDELINE_TMP=str(folder), TMPDIR=str(folder),
        TEST_TMPDIR=str(folder), PYTHONPATH=str(ROOT / "tests"), PYTHONDONTWRITEBYTECODE="1",
        TIDELINE_NODE_MODULES=str(ROOT / "build/tools/duckdb/node_modules"))
    env["TIDELINE_SANITIZE"] = args.sanitizer
    if args.real:
        env["TIDELINE_DATA"] = str(pathlib.Path(args.real).resolve())
    env.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=1:strict_string_checks=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    env.setdefault("TSAN_OPTIONS", "halt_on_error=1:second_deadlock_stack=1:suppressions="
                   + str(ROOT / "tools/sanitizers/thread.txt"))
    return env


def execute(program, env, folder, extra):
    """Runs a program in its own process group: (exit status, None on time-out; output)."""
    with open(folder / "output.txt", "w+b") as output:
        process = subprocess.Popen(
            program.command + extra, cwd=folder, env=env, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        running.add(process.pid)
        try:
            status = process.wait(timeout=program.timeout_s)
        except subprocess.TimeoutExpired:
            status = None
        running.discard(process.pid)
        kill_group(process.pid)  # what it left behind, and on a time-out the program itself
        process.wait()
        output.seek(0)
        return status, output.read().decode("utf-8", "replace")


def kill_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def stop_at_once(root):
    """On Ctrl-C or SIGTERM nothing that was started stays behind."""

    def stop(number, _):
        for group in list(running):
            kill_group(group)
        shutil.rmtree(root, ignore_errors=True)
        print("\ninterrupted", flush=True)
        os._exit(128 + number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def ending(status, program):
    if status is None:
        return f"timed out after {program.timeout_s:g} s"
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def gtest_sections(output):
    """Output of each case of a GoogleTest run: {name: text}, and the name of an unfinished one."""
    sections, current, lines = {}, None, []
    for line in output.splitlines():
        start = re.search(r"\[ RUN      \] (\S+)", line)
        end = re.search(r"\[       OK \]|\[  FAILED  \]|\[  SKIPPED \]", line)
        if start:
            current, lines = start.group(1), []
        elif end and current:
            sections[current] = "\n".join(lines)
            current = None
        elif current:
            lines.append(line)
    if current:
        sections[current] = "\n".join(lines[-OUTPUT_LINES_SHOWN:])
    return sections, current


def gtest_cases(output, report, status, program):
    """Counts the cases of a GoogleTest program from its JSON report, or of a crash its output."""
    sections, unfinished = gtest_sections(output)
    cases = []
    if report.exists():
        for suite in json.loads(report.read_text())["testsuites"]:
            for test in suite["testsuite"]:
                name = f"{suite['name']}.{test['name']}"
                if test.get("failures"):
                    texts = "\n".join(f["failure"] for f in test["failures"])
                    outcome, why = "failed", sections.get(name) or texts
                elif test["result"] == "SKIPPED":
                    outcome, why = "skipped", sections.get(name, "")
                elif test["status"] == "RUN":
                    outcome, why = "passed", ""
                else:
                    continue
                cases.append(Case(name, outcome, why, float(test["time"].rstrip("s"))))
    else:
        for name, text in sections.items():
            if name != unfinished:
                failed = re.search(rf"\[  FAILED  \] {re.escape(name)}\b", output)
                cases.append(Case(name, "failed" if failed else "passed", text if failed else ""))
        if unfinished:
            why = f"{ending(status, program)}\n{sections[unfinished]}"
            cases.append(Case(unfinished, "failed", why))
    return cases


def script_cases(output):
    """The results that a script test printed."""
    cases = []
    for line in output.splitlines():
        match = re.match(r"(ok|not ok|skip) ([^:]+?)(?:: (.*))?$", line)
        if match:
            outcome = {"ok": "passed", "not ok": "failed", "skip": "skipped"}[match.group(1)]
            cases.append(Case(match.group(2).strip(), outcome, match.group(3) or ""))
    return cases


def run_program(program, args, root):
    """Runs one program in a folder of its own and counts its cases."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="t-", dir=root))
    started = time.monotonic()
    if program.needs_program and not (args.build / "tideline").exists():
        why = f"{args.build / 'tideline'} is not there"
        outcome = "failed" if (ROOT / "src/app/main.cc").exists() else "skipped"
        return Run(program, [Case(program.name, outcome, why)], "", 0.0, folder)
    if not program.command:
        return Run(program, [Case(program.name, "failed", "it is not built")], "", 0.0, folder)
    if program.kind == "gtest":
        report = folder / "report.json"
        extra = [f"--gtest_output=json:{report}"] + args.gtest
        status, output = execute(program, environment(args, folder), folder, extra)
        cases = gtest_cases(output, report, status, program)
    else:
        status, output = execute(program, environment(args, folder), folder, [])
        cases = script_cases(output)
    failed = any(case.outcome == "failed" for case in cases)
    if status != 0 and not failed:
        tail = "\n".join(output.splitlines()[-OUTPUT_LINES_SHOWN:])
        cases.append(Case(f"{program.name} as a whole", "failed",
                          f"{ending(status, program)}\n{tail}"))
    if not cases:
        cases.append(Case(program.name, "failed", "it ran no test"))
    return Run(program, cases, output, time.monotonic() - started, folder)


def run_all(programs, args, root, times):
    """Runs the parallel programs, the slowest of last time first, then the serial ones alone."""
    programs = sorted(programs, key=lambda p: -times.get(p.name, 1e9))
    parallel = [p for p in programs if not p.serial]
    runs = []

    def finished(run):
        runs.append(run)
        state = "FAIL" if run.count("failed") else ("skip" if not run.count("passed") else "ok")
        counts = f"{run.count('passed')} passed, {run.count('failed')} failed"
        if run.count("skipped"):
            counts += f", {run.count('skipped')} skipped"
        print(f"{state:<5}{run.program.name:<44} {counts}  {run.seconds:.1f} s", flush=True)
        for case in run.cases:
            if case.outcome == "skipped":
                print(f"     skipped {case.name}: {case.why}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        waiting = [pool.submit(run_program, p, args, root) for p in parallel]
        for future in concurrent.futures.as_completed(waiting):
            finished(future.result())
    for program in programs:
        if program.serial:
            finished(run_program(program, args, root))
    return runs


# --- report ----------------------------------------------------------------------------------


def print_failures(runs):
    for run in runs:
        failures = [case for case in run.cases if case.outcome == "failed"]
        if not failures:
            continue
        print(f"\n--- {run.program.name}")
        for case in failures:
            print(f"failed: {case.name}")
            for line in case.why.splitlines():
                print(f"    {line}")
        if run.program.kind == "script":
            print(f"  last lines of {run.program.name}:")
            for line in run.output.splitlines()[-OUTPUT_LINES_SHOWN:]:
                print(f"    {line}")
        print(f"  its folder: {run.folder}")


def print_slowest(runs):
    slow = sorted(runs, key=lambda run: -run.seconds)[:5]
    if slow and slow[0].seconds >= 1:
        print("\nslowest: " + ", ".join(f"{r.program.name} {r.seconds:.1f} s" for r in slow))
    cases = [(c.seconds, c.name) for r in runs for c in r.cases if c.seconds >= 1]
    if cases:
        cases = sorted(cases, reverse=True)[:5]
        print("slowest cases: " + ", ".join(f"{name} {s:.1f} s" for s, name in cases))


def sanitizer_of(build):
    """The sanitizers that a build folder was configured with, or an empty text."""
    cache = build / "CMakeCache.txt"
    text = cache.read_text() if cache.exists() else ""
    match = re.search(r"^TIDELINE_SANITIZE:\w+=(.*)$", text, re.MULTILINE)
    return match.group(1) if match else ""


def closing_line(runs):
    passed, failed, skipped = (sum(r.count(o) for r in runs)
                               for o in ("passed", "failed", "skipped"))
    line = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    return line, passed, failed


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--real", metavar="DIR", help="run tests/real over these data sets")
    parser.add_argument("--only", metavar="TEXT",
                        help="programs with TEXT in their name, or with one of TEXT,TEXT; "
                        "NAME:FILTER filters a unit test's cases")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 8))
    args = parser.parse_args()
    args.build = (ROOT / args.build).resolve()
    args.sanitizer = sanitizer_of(args.build)
    args.gtest = []
    if args.only and ":" in args.only:
        args.only, pattern = args.only.split(":", 1)
        args.gtest = [f"--gtest_filter={pattern}"]
    return args


def main():
    args = parse_arguments()
    if args.real is not None:
        programs = script_programs(real=True)
        if not os.path.isdir(args.real):
            print(f"skipped: there is no folder {args.real} of real data sets")
            print(f"0 passed, 0 failed, {len(programs)} skipped")
            return 0
        if not programs:
            print("there are no tests over real data sets yet")
            print("0 passed, 0 failed")
            return 0
    else:
        programs = gtest_programs(args.build) + script_programs(real=False)
    if args.only:
        wanted = args.only.split(",")
        programs = [p for p in programs if any(text in p.name for text in wanted)]

    if args.sanitizer:
        for program in programs:
            program.timeout_s *= SANITIZED_FACTOR

    times_file = args.build / "test-times.json"
    times = json.loads(times_file.read_text()) if times_file.exists() else {}
    root = pathlib.Path(tempfile.mkdtemp(prefix="tideline-"))
    stop_at_once(root)
    started = time.monotonic()
    runs = run_all(programs, args, root, times)

    print_failures(runs)
    print_slowest(runs)
    line, passed, failed = closing_line(runs)
    times.update({run.program.name: round(run.seconds, 2) for run in runs})
    times_file.write_text(json.dumps(times, indent=1, sort_keys=True))
    if not failed:
        shutil.rmtree(root, ignore_errors=True)
    print(f"\n{len(programs)} programs in {time.monotonic() - started:.0f} s")
    print(line)
    nothing_ran = passed == 0 and not (args.real and runs)
    return 1 if failed or nothing_ran else 0


if __name__ == "__main__":
    sys.exit(main())

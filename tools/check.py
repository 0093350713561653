#!/usr/bin/env python3
"""`make check`: runs every rule, shows what each found, and closes with a table.

    tools/check.py [--quick]      without clang-tidy and without what needs a build
"""

import argparse
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = [sys.executable]
GOLDEN = "golden,api_test,config_test"  # the tests that compare golden files


def rules(quick):
    """(name, command) of every rule, the cheap ones first."""
    found = [
        ("format", ["tools/format.sh", "--all"]),
        ("layers", PYTHON + ["tools/check_layers.py"]),
        ("style", PYTHON + ["tools/check_style.py"]),
        ("docs", PYTHON + ["tools/check_docs.py"]),
    ]
    if not quick:
        found += [
            ("build", ["tools/build.sh", "release"]),
            ("generated files", PYTHON + ["tools/run_tests.py", "--only", GOLDEN]),
            ("clang-tidy", ["tools/tidy.sh"]),
        ]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    outcomes = []
    for name, command in rules(parser.parse_args().quick):
        print(f"--- {name}", flush=True)
        started = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        outcomes.append((name, status, time.monotonic() - started))
    print()
    for name, status, seconds in outcomes:
        print(f"{'ok' if status == 0 else 'FAILED':<7} {name} ({seconds:.1f} s)")
    return 1 if any(status for _, status, _ in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())

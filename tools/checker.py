"""What the checkers of the tree share: `--root DIR`, a line for each violation, their number."""

import argparse
import pathlib


def run(name, check, doc):
    """Prints what check(root) yields; the exit code: 1 where it yields anything."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    violations = list(check(parser.parse_args().root.resolve()))
    for violation in violations:
        print(violation)
    print(f"{name}: {len(violations)} violations")
    return 1 if violations else 0

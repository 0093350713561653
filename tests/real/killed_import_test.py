"""An import killed at random moments and run again leaves the same as one run.

tideline-test: timeout=900
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import time

from support.cases import Cases
from support.real import BUSINESSES, FATES, check_same, contents, import_all, import_command

SEED = 20261122
KILLS = 6
# business, files of it, a time to compare features at
IMPORTS = [
    ("cdnow", None, "1997-09-30T00:00:00Z"),
    ("online-retail", "lines_2011-12", "2011-12-05T00:00:00Z"),
]


def files_of(business, part):
    return [path for path in business.files() if part is None or path.name.startswith(part)]


def kill_import(command, delay):
    """Starts the import and kills it after `delay` s; False where it had ended by then."""
    with open("killed.log", "ab") as log:
        process = subprocess.Popen([os.environ["TIDELINE_BIN"], *map(str, command)], stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL)
    try:
        process.wait(timeout=delay)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def check_killed(name, part, at, rng):
    business = BUSINESSES[name]
    files = files_of(business, part)
    started = time.monotonic()
    whole = import_all(business, f"{name}-whole", files)
    took = time.monotonic() - started
    expected = contents(f"{name}-whole", at)

    folder = f"{name}-killed"
    command = import_command(business, folder, files)
    killed = 0
    again = None
    while again is None:
        while killed < KILLS:
            # What was done stays done, so the later kills come sooner; the first hit the start.
            if kill_import(command, took * rng.uniform(0.05, 0.9 if killed < 2 else 0.5)):
                killed += 1
                continue
            shutil.rmtree(folder)  # it ran to its end: kill another one from the start
        again = import_all(business, folder, files)
        if again["duplicate"] == again["received"]:
            # The last kill came behind the end of the import, so this was a second import.
            shutil.rmtree(folder)
            killed, again = KILLS - 1, None
    print(f"# {name}: one run {took:.1f} s, {killed} kills, then {json.dumps(again)}")
    assert again["received"] == whole["received"], (again, whole)
    assert {fate: again[fate] for fate in FATES} == {fate: whole[fate] for fate in FATES}, again
    assert again["codes"] == whole["codes"], (again, whole)
    check_same(contents(folder, at), expected)
    leftovers = [path for path in pathlib.Path(folder).rglob("*.tmp*")]
    assert not leftovers, leftovers


def main():
    cases = Cases()
    print(f"# seed {SEED}")
    rng = random.Random(SEED)
    for name, part, at in IMPORTS:
        with cases.case(f"{name}: an import killed {KILLS} times leaves the same as one run"):
            check_killed(name, part, at, rng)
    cases.finish()


if __name__ == "__main__":
    main()

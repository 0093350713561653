"""What the parts of the bench share: where things are, how much is done, running and checking."""

import json
import os
import pathlib
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

PROGRAM = pathlib.Path(os.environ.get("TIDELINE_BIN", ROOT / "build/release/tideline")).resolve()
os.environ["TIDELINE_BIN"] = str(PROGRAM)


class Run:
    """One run of the bench; set by main()."""

    build = PROGRAM.parent  # of the measuring programs
    work = None  # folder of what is measured, made afresh and removed
    peers = ROOT / "build/bench-peers"  # what bench/peers/install.sh puts there
    quick = False
    rounds = 7


def output_of(*words):
    """Standard output of a command that must end well."""
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, words))[:200]}: status {result.returncode}: "
                 f"{(result.stdout + result.stderr)[-2000:]}")
    return result.stdout


def require(condition, what):
    """A measurement whose output is wrong is no measurement."""
    if not condition:
        sys.exit(f"bench: {what}")


def processor_seconds(pid):
    """CPU seconds that a process has used, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    """CPU seconds of all processes that were waited for."""
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

"""Load from outside the program, and what the server takes of memory meanwhile.

    answers = open_loop(server, key, rate=500, seconds=5)
    assert answers["refused"] == 0
"""

import json
import os
import pathlib
import subprocess

EVENTS = 100  # a batch, of 376 bytes each
_runs = 0


def open_loop(server, key, rate, seconds, connections=1000, events=EVENTS):
    """What bench/open_loop.cc prints of one run."""
    return finish(begin_open_loop(server, key, rate, seconds, connections, events))


def begin_open_loop(server, key, rate, seconds, connections=1000, events=EVENTS):
    """The same, started; finish() waits for it."""
    global _runs
    _runs += 1
    words = [server.port, key, f"r{_runs}", connections, rate, seconds, events]
    program = pathlib.Path(os.environ["TIDELINE_BUILD"]) / "open_loop"
    return subprocess.Popen([program, *map(str, words)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def finish(process):
    out, err = process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


class Memory:
    """Resident memory of a server's process, in MiB."""

    def __init__(self, server):
        self.folder = pathlib.Path(f"/proc/{server.process.pid}")

    def read(self, name):
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        raise AssertionError(f"no {name}")

    def now(self):
        return self.read("VmRSS")

    def peak(self):
        return self.read("VmHWM")

    def forget_peak(self):
        """From here on peak() is of what comes."""
        (self.folder / "clear_refs").write_text("5")

"""A disk under the program that fails when told to: tests/faults/failing_disk.c, preloaded.

    disk = FailingDisk(folder)             # of one server's data folder
    server = Server(folder); server.settings.update(...); server.extra = disk.environment()
    disk.fail(kinds=SYNC, parts=LOG, error=errno.EIO, first=disk.calls() + 3)
    ...
    disk.heal()
"""

import mmap
import os
import pathlib
import struct
import subprocess

OPEN, WRITE, SYNC, ALLOCATE, RENAME, REMOVE, READ = 1, 2, 4, 8, 16, 32, 64
CHANGING = OPEN | WRITE | SYNC | ALLOCATE | RENAME | REMOVE
LOG, STATE, LAKE, OTHER = 1, 2, 4, 8
SHORT_WRITE = 0  # in place of an errno
EVER = (1 << 64) - 1
CONTROL = struct.Struct("<5Q2Ii")  # struct control, without the words at its end
CONTROL_BYTES = 4096
SOURCE = pathlib.Path(__file__).with_name("failing_disk.c")


def built():
    """The shared object, made anew where the source is newer."""
    folder = pathlib.Path(os.environ["TIDELINE_BUILD"]) / "faults"
    made = folder / "failing_disk.so"
    if not made.exists() or made.stat().st_mtime < SOURCE.stat().st_mtime:
        folder.mkdir(exist_ok=True)
        mine = folder / f"failing_disk.{os.getpid()}.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", mine, SOURCE,
                        "-ldl"], check=True)
        os.replace(mine, made)
    return made


class FailingDisk:
    """Control over the file calls of every process that has environment() and opens `folder`."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.path = f"{self.folder}.disk"
        with open(self.path, "wb") as file:
            file.write(bytes(CONTROL_BYTES))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), CONTROL_BYTES)
        self.heal()

    def environment(self):
        env = {"LD_PRELOAD": str(built()), "FAILING_DISK_FOLDER": self.folder,
               "FAILING_DISK_CONTROL": self.path}
        if os.environ.get("TIDELINE_SANITIZE"):  # its runtime wants to be the first library
            env["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return env

    def _set(self, fail_from, fail_to, kinds, parts, error, free_bytes=EVER):
        self.memory[:CONTROL.size] = CONTROL.pack(0, fail_from, fail_to, 0, free_bytes, kinds,
                                                  parts, error)

    def fail(self, error, first=1, last=None, kinds=CHANGING, parts=LOG | STATE | LAKE | OTHER):
        """From now on calls number `first` to `last` (only `first` unless given) fail."""
        self._set(first, first if last is None else last, kinds, parts, error)

    def count(self, kinds=CHANGING, parts=LOG | STATE | LAKE | OTHER):
        """Nothing fails; calls() counts from 0."""
        self._set(0, 0, kinds, parts, 0)

    def heal(self):
        self.count()

    def pretend_free(self, free_bytes):
        """The program is told that so much is free."""
        self._set(0, 0, CHANGING, LOG | STATE | LAKE | OTHER, 0, free_bytes)

    def calls(self):
        return CONTROL.unpack_from(self.memory)[0]

    def failed(self):
        """How many calls failed since the last order."""
        return CONTROL.unpack_from(self.memory)[3]

    def last(self):
        """What failed last, in words."""
        words = self.memory[CONTROL.size:CONTROL.size + 236]
        return words.split(b"\0", 1)[0].decode("utf-8", "replace")

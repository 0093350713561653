"""The set-up installs what is missing and nothing else, and the lock file names no registry.

tideline-test: needs=none timeout=60
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from support.cases import Cases

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
AGAIN_S = 2


def lay_out(root, without):
    """A copy of the set-up on a machine (played by stand-ins) without some packages."""
    shutil.copytree(ROOT / "tools", root / "tools")
    (root / "build/tools").mkdir(parents=True)
    (root / "build/tools/duckdb").symlink_to(ROOT / "build/tools/duckdb")
    (root / "web").symlink_to(ROOT / "web")
    (root / "bin").mkdir()
    names = [line.split()[0] for name in ("packages.txt", "test_packages.txt")
             for line in (ROOT / "tools" / name).read_text().splitlines()
             if line.strip() and not line.startswith("#")]
    listing = "\n".join(f"installed {name}" for name in names if name not in without)
    stand_ins = {
        "dpkg-query": f"cat <<'TEXT'\n{listing}\nTEXT\n",
        "apt-get": f'echo "$@" >>{root}/apt-get.log\n',
        "sudo": '"$@"\n',
    }
    for name, text in stand_ins.items():
        (root / "bin" / name).write_text("#!/bin/sh\n" + text)
        (root / "bin" / name).chmod(0o755)


def set_up(root, *words):
    env = {**os.environ, "PATH": f"{root}/bin:{os.environ['PATH']}"}
    result = subprocess.run([root / "tools/deps.sh", *words], env=env, capture_output=True,
                            text=True, check=True)
    log = root / "apt-get.log"
    return result.stdout, log.read_text() if log.exists() else ""


def main():
    cases = Cases()
    with cases.case("on this machine nothing is missing, and that takes no time"):
        seconds = []  # of some, the shortest: other tests run beside
        for _ in range(3):
            started = time.monotonic()
            text = subprocess.run([ROOT / "tools/deps.sh"], capture_output=True, text=True,
                                  check=True).stdout
            seconds.append(time.monotonic() - started)
            assert text == "deps: nothing is missing\n", text
        assert min(seconds) < AGAIN_S, seconds
    with cases.case("what is there is not installed again"):
        lay_out(TMP / "whole", without=[])
        said, installed = set_up(TMP / "whole")
        assert said == "deps: nothing is missing\n" and installed == "", (said, installed)
    with cases.case("what is missing is named and installed, alone"):
        lay_out(TMP / "lacking", without=["g++", "librocksdb-dev"])
        said, installed = set_up(TMP / "lacking")
        assert "2 Debian packages: g++ librocksdb-dev\n" in said, said
        assert installed.rstrip().endswith("--no-install-recommends g++ librocksdb-dev"), installed
    with cases.case("a command that is there stands in for its package"):
        lay_out(TMP / "other", without=["python3", "git"])
        said, installed = set_up(TMP / "other")
        assert said == "deps: nothing is missing\n" and installed == "", (said, installed)
    with cases.case("what only tests need is asked for by name and may be lacking"):
        lay_out(TMP / "tests", without=["chromium"])
        path = TMP / "tests/tools/test_packages.txt"
        path.write_text(path.read_text().replace("command:chromium ", "command:no-such-command"))
        said, installed = set_up(TMP / "tests")
        assert said == "deps: nothing is missing\n" and installed == "", (said, installed)
        said, installed = set_up(TMP / "tests", "tests")
        assert installed.rstrip().endswith("--no-install-recommends chromium"), installed
        (TMP / "tests/bin/apt-get").write_text("#!/bin/sh\nexit 100\n")
        said, _ = set_up(TMP / "tests", "tests")
        assert "not to be had" in said and said.count("chromium") == 2, said
    with cases.case("a lock file has a checksum for each package and names no registry"):
        for file in ("tools/duckdb", "tests/clients", "tests/page", "web"):
            lock = json.loads((ROOT / file / "package-lock.json").read_text())
            packages = {name: entry for name, entry in lock["packages"].items() if name}
            assert len(packages) > 1, f"{file}: hardly any packages"
            for name, entry in packages.items():
                checksum = entry.get("integrity", "")
                assert re.match(r"sha(512|1)-", checksum), f"{name}: no checksum"
                assert "resolved" not in entry, f"{name}: {entry['resolved']}"
    with cases.case("install scripts of npm packages are off"):
        text = (ROOT / "tools/deps.sh").read_text()
        calls = re.findall(r"\bnpm (?:ci|install)\b.*", text)
        assert calls and all("--ignore-scripts" in call for call in calls), calls
    cases.finish()


main()

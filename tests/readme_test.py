"""Every command of README.md and of the tour works as it stands there, on a free port and in a
folder of its own.

tideline-test: timeout=900
"""

import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from support.cases import Cases
from support.ports import free_port

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
sys.path.insert(0, str(ROOT / "tools"))

import readme_commands  # noqa: E402

README_PORT = "3002"
READY_S = 60


def lay_out(folder):
    """A folder that looks as the checkout does to the README's commands."""
    (folder / "build").mkdir(parents=True)
    (folder / "build/release").symlink_to(os.environ["TIDELINE_BUILD"])
    (folder / "packs").symlink_to(ROOT / "packs")


def wait_until_ready(port, process):
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended with status {process.returncode}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"not ready after {READY_S} s")


class Shell:
    """One bash for all blocks, so that variables stay; it answers with output and status."""

    END = "==end of block=="

    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def run(self, text):
        # Each line of the block counts: a failure in its midst fails it, but not the shell.
        (TMP / "block.sh").write_text(text + "\n")
        self.process.stdin.write(
            f"failed=0; trap 'failed=$?' ERR; set -o pipefail; source {TMP}/block.sh </dev/null\n"
            f"trap - ERR; echo; echo '{self.END}' $failed\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(self.END):
                return "".join(lines), int(line.split()[-1])
            lines.append(line)
        return "".join(lines), self.process.wait()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def run_page(cases, name):
    """Every block of the page, in order, in one shell."""
    folder = TMP / pathlib.Path(name).stem
    lay_out(folder)
    port = str(free_port())
    shell, servers = Shell(folder), []
    for block in readme_commands.blocks((ROOT / name).read_text()):
        if block.kind == "not run":
            continue
        text = block.text.replace(README_PORT, port)
        with cases.case(f"{name} line {block.line}"):
            if block.kind == "server":
                listen = f" --listen 127.0.0.1:{port}" if port not in text else ""
                process = subprocess.Popen(shlex.split(text + listen), cwd=folder)
                servers.append(process)
                wait_until_ready(port, process)
            else:
                output, status = shell.run(text)
                print(output)
                assert status == 0, f"ended with status {status}"
                assert block.says in output, f"does not say {block.says}"
    with cases.case(f"{name}: the server stops when asked"):
        shell.close()
        for process in servers:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) in (0, 130), process.returncode


def main():
    cases = Cases()
    for name in readme_commands.PAGES:
        run_page(cases, name)
    cases.finish()


main()

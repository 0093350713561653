"""A demo of the program: a simulated business that flows in live.

    from support.demo import Demo
    demo = Demo(TMP / "demo", free_port())
    demo.start()          # demo.key, demo.port
    ...
    demo.kill()
"""

import os
import re
import signal
import subprocess
import threading

from support.server import environment_of


class Demo:
    """The demo's process, which can be frozen, killed and started again on the same folder."""

    def __init__(self, folder, port, customers=300, days=150, settings=None):
        self.folder, self.port = str(folder), port
        self.environment = environment_of(settings) if settings else None
        self.size = ["--customers", str(customers), "--days", str(days)]
        self.key, self.process = None, None

    def start(self):
        """Returns once it serves; figures come a little later."""
        words = [os.environ["TIDELINE_BIN"], "demo", "--port", str(self.port), "--data",
                 self.folder, *self.size]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, env=self.environment)
        for line in self.process.stdout:
            if found := re.search(r"curl -u (\S+):", line):
                self.key = found.group(1)
            if f"127.0.0.1:{self.port}/" in line and self.key and "curl" not in line:
                break
        assert self.key, "the demo printed no key"
        # A full pipe would stop it.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

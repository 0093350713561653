"""The page in a real Chromium, over a demo: every screen and state, keyboard, hostile names.

tideline-test: timeout=600
"""

import http.server
import json
import os
import pathlib
import subprocess
import threading

from support.browser import program
from support.cases import Cases, Skip
from support.demo import Demo
from support.npm import node_for, packages
from support.ports import free_port

HERE = pathlib.Path(__file__).parent
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1

cases = Cases()


def control_of(demo):
    """A server on a free port by which a script in Node has the demo frozen or killed."""
    class Control(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802, the base class's name
            work = {"/freeze": demo.freeze, "/thaw": demo.thaw, "/kill": demo.kill,
                    "/start": demo.start}.get(self.path)
            if work:
                work()
            self.send_response(200 if work else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run_scenes(script, demo, control):
    """Runs a script of scenes, which prints its own cases; its status tells whether one failed."""
    settings = {"url": f"http://127.0.0.1:{demo.port}", "key": demo.key, "slow": SLOW,
                "chromium": program(), "modules": str(packages("tests/page")), "shots": str(TMP),
                "webhooks": str(packages("tests/alerts")),
                "control": f"http://127.0.0.1:{control.server_address[1]}"}
    env = {**os.environ, "PAGE_SETTINGS": json.dumps(settings)}
    words = [node_for(20), str(HERE / script)]
    return subprocess.run(words, env=env, check=False).returncode


def main():
    if not program():
        with cases.case("the page in Chromium"):
            raise Skip("no Chromium on this machine")
        return
    # The story's webhooks go to a receiver on this machine.
    demo = Demo(TMP / "demo", free_port(), settings={"alerts.allowed_networks": "127.0.0.1"})
    demo.start()
    control = control_of(demo)
    try:
        for script in ("screens.mjs", "live.mjs"):
            with cases.case(f"all of {script} ran"):
                status = run_scenes(script, demo, control)
                assert status in (0, 1), f"it ended with status {status}"
                cases.failed += status
    finally:
        demo.thaw()
        demo.kill()
        control.shutdown()


main()
cases.finish()

"""Takes the pictures of docs/images anew: every screen of a demo, light and dark.

    make pictures
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("TIDELINE_SOURCE", str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

from support.browser import program  # noqa: E402
from support.demo import Demo  # noqa: E402
from support.npm import node_for, packages  # noqa: E402
from support.ports import free_port  # noqa: E402

SETTLE_S = 45  # until the demo has learnt, scored everybody and flows


def main():
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(pathlib.Path(folder) / "demo", free_port(), customers=1000, days=240)
        demo.start()
        try:
            time.sleep(SETTLE_S)
            settings = {"url": f"http://127.0.0.1:{demo.port}", "key": demo.key, "slow": 1,
                        "chromium": program(), "modules": str(packages("tests/page")),
                        "shots": str(ROOT / "docs/images")}
            env = {**os.environ, "PAGE_SETTINGS": json.dumps(settings)}
            script = pathlib.Path(__file__).with_name("pictures.mjs")
            return subprocess.run([node_for(20), str(script)], env=env, check=False).returncode
        finally:
            demo.kill()


sys.exit(main())

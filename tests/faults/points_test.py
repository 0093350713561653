"""kill -9 at every crash point that is compiled in, once each; `make faults` does it five times.

tideline-test: timeout=300 serial
"""

import os
import pathlib
import random

from faults.points import Template, crash_points, run_points
from support.cases import Cases

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])


def main():
    cases = Cases()
    seed = int(os.environ.get("TIDELINE_SEED") or random.randrange(1 << 30))
    print(f"seed {seed}")
    with cases.case("every crash point is reached and loses nothing"):
        points = crash_points()
        assert len(points) > 30, points
        print(run_points(Template(TMP / "template"), TMP / "course", seed, points))
    cases.finish()


main()

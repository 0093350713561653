"""The demo at 7.5 times its rate for some seconds, with late, duplicate and malformed traffic.

tideline-test: timeout=240 serial
"""

import os
import pathlib

from live.burst import Plan, run_burst
from support.cases import Cases
from support.ports import free_port

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])


def main():
    cases = Cases()
    with cases.case("a burst: none refused, lag drained, every event accounted for"):
        print(run_burst(Plan(), TMP / "demo", free_port()))
    cases.finish()


main()

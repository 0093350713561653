#!/usr/bin/env python3
"""The long form of the tests of overload (`make overload`): prints figures, fails on a bad one.

    tests/live/run.py [--seconds 60] [--connections 4000]
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="of overload and of slowness")
    parser.add_argument("--connections", type=int, default=4000, help="slow ones")
    return parser.parse_args()


def environment():
    os.environ.setdefault("TIDELINE_BIN", str(ROOT / "build/release/tideline"))
    os.environ.setdefault("TIDELINE_BUILD", str(pathlib.Path(os.environ["TIDELINE_BIN"]).parent))
    sys.path.insert(0, str(ROOT / "tests"))


def check_overload(cases, folder, seconds):
    from live import overload as load
    from live.load import open_loop
    from support.server import Server
    with Server(folder / "overload", settings=load.SETTINGS) as server:
        key, quiet = server.new_key("loud"), server.new_key("quiet")
        baseline = open_loop(server, key, 50, 10, connections=50)
        peak = load.find_peak(server, key, 10)
        answers = load.overload(server, key, peak, seconds)
        took = load.seconds_until_baseline(server, key, 50, baseline["accepted_p50_ms"], 60)
        print(f"    as before after {took:.1f} s", flush=True)
        with cases.case("at three times capacity at least 80 % of the peak is taken"):
            assert answers["goodput"] >= 0.8, answers["goodput"]
        with cases.case("refusals take at most 10 ms at the median, and say when to come again"):
            assert answers["refused_p50_ms"] <= 10, answers["refused_p50_ms"]
        with cases.case("memory stays as it is"):
            assert answers["rss_second"] <= answers["rss_first"] + 64, answers
        with cases.case("baseline again within 10 s"):
            assert took <= 10, took
        with cases.case("a quiet key is served beside a loud one"):
            share, _ = load.fairness(server, key, quiet, peak, 20)
            assert share >= 0.9, share


def check_slow_clients(cases, folder, seconds, connections):
    from live.slow_clients import beside_slow_ones
    from support.server import Server
    with Server(folder / "slow") as server:
        key = server.new_key("shop")
        alone, beside, cost, door = beside_slow_ones(server, key, connections, seconds)
        with cases.case(f"{connections} slow connections at most double a healthy one's p99"):
            assert door["connections"] >= 0.9 * connections, door
            assert beside["accepted_p99_ms"] <= 2 * alone["accepted_p99_ms"], (alone, beside)
        with cases.case("and hold no more memory than they may"):
            # server.bodies_in_flight_bytes_max, and 32 KiB a connection.
            assert cost <= 256 + connections / 32, cost


def main():
    args = arguments()
    environment()
    from support.cases import Cases
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tideline-overload-"))
    cases = Cases()
    try:
        check_overload(cases, folder, args.seconds)
        check_slow_clients(cases, folder, args.seconds, args.connections)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    cases.finish()


if __name__ == "__main__":
    main()

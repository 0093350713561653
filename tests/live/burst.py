#!/usr/bin/env python3
"""Bursts of the demo's live traffic: nothing refused, lag back to where it was, all accounted for.

    tests/live/burst.py [--long] [--speed X] [--minutes N] [--keep FOLDER]

The long form (`make faults`) is 15 minutes at 7.5 times the demo's rate; the short one, seconds of
a fast demo, runs in `make test` (burst_test.py).
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
FATES = ("applied", "late_applied", "duplicate", "dead_lettered")
DRAIN_S = 30 * 60  # how long the lag may take to come back
START_S = 120
STOP_S = 60
LOOK_S = 0.2
NOISE = 50  # records of lag that are no backlog: a fraction of a second of the traffic


@dataclasses.dataclass
class Plan:
    """A demo with one burst."""

    customers: int = 400
    days: int = 40
    speed: float = 1500
    quiet_s: int = 15  # live traffic before the burst
    burst_s: int = 10
    factor: float = 7.5
    late: float = 0.02
    duplicate: float = 0.03
    malformed: float = 0.02

    def words(self, port, folder):
        return [str(word) for word in (
            "demo", "--json", "--no-story", "--port", port, "--data", folder,
            "--customers", self.customers, "--days", self.days, "--speed", self.speed,
            "--burst-after", f"{self.quiet_s}s", "--burst-length", f"{self.burst_s}s",
            "--burst-factor", self.factor, "--late-share", self.late,
            "--duplicate-share", self.duplicate, "--malformed-share", self.malformed)]


class Demo:
    """A running demo whose messages are read as they come."""

    def __init__(self, plan, folder, port):
        self.port, self.marks, self.messages = port, {}, []
        self.process = subprocess.Popen(
            [os.environ["TIDELINE_BIN"], *plan.words(port, folder)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        marks = {"history": "the demo's history is in", "burst": "A burst:",
                 "over": "The burst is over"}
        for line in self.process.stderr:
            self.messages.append(line)
            for name, text in marks.items():
                if text in line:
                    self.marks.setdefault(name, time.monotonic())

    def pipeline(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/pipeline",
                                    timeout=30) as answer:
            return json.loads(answer.read())

    def stop(self):
        """Ctrl-C; what it says that it sent, and how long the end took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=STOP_S)
        self.reader.join(timeout=STOP_S)
        assert self.process.returncode in (0, 130), "".join(self.messages)[-3000:]
        return json.loads(out.strip().splitlines()[-1]), time.monotonic() - began

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def wait_until(demo, what, seconds, why):
    deadline = time.monotonic() + seconds
    while not what():
        assert demo.process.poll() is None, "it ended: " + "".join(demo.messages)[-3000:]
        assert time.monotonic() < deadline, f"{why}: not within {seconds} s"
        time.sleep(LOOK_S)


def samples_until(demo, mark, seconds):
    """(time, received, lag) every LOOK_S until the demo tells `mark`."""
    samples = []

    def look():
        status = demo.pipeline()
        assert status["failure"] is None, status["failure"]
        samples.append((time.monotonic(), status["totals"]["received"], status["lag"]))
        return mark in demo.marks

    wait_until(demo, look, seconds, mark)
    return samples


def drained(demo, baseline):
    began = time.monotonic()
    wait_until(demo, lambda: demo.pipeline()["lag"] <= baseline, DRAIN_S, "the lag's way back")
    return time.monotonic() - began


def check_sums(sent, totals):
    """What the program counted is what the simulator sent, to the event."""
    expected = {
        "received": sent["history"] + sent["sent"],
        "late_applied": sent["late"],
        "duplicate": sent["duplicates"],
        "dead_lettered": sum(sent["malformed"].values()),
    }
    expected["applied"] = expected["received"] - sum(
        expected[fate] for fate in FATES if fate != "applied")
    found = {name: totals[name] for name in expected}
    assert found == expected, f"counted {found}, sent {expected}"
    assert totals["received"] == sum(totals[fate] for fate in FATES), totals


def rates(server, plan, sent):
    """Events a second before and in the burst, by their own times: a slow machine changes none."""
    edges = (f"'{sent['live_from']}'::timestamptz + interval '{plan.quiet_s} s'",
             f"'{sent['live_from']}'::timestamptz + interval '{plan.quiet_s + plan.burst_s} s'")
    [row] = server.sql(
        f"select count(*) filter (event_time >= '{sent['live_from']}'::timestamptz "
        f"and event_time < {edges[0]}) as quiet, count(*) filter (event_time >= {edges[0]} "
        f"and event_time < {edges[1]}) as burst from events where source = 'demo-live'")
    return row["quiet"] / plan.quiet_s, row["burst"] / plan.burst_s


def check_folder(folder, plan, sent):
    """Opens the folder again: totals, dead letters by code; the rates before and in the burst."""
    from support.server import Server

    with Server(folder) as server:
        check_sums(sent, server.totals())
        codes = {}
        for letter in server.dead_letters():
            codes[letter["code"]] = codes.get(letter["code"], 0) + 1
        malformed = {code: count for code, count in sent["malformed"].items() if count}
        assert codes == malformed, f"dead letters {codes}, sent {malformed}"
        usual, burst = rates(server, plan, sent)
        server.stop()
    assert 0.6 * plan.factor < burst / max(usual, 0.1) < 1.6 * plan.factor, (usual, burst)
    return usual, burst


def run_burst(plan, folder, port):
    """One demo with a burst; a line of figures. AssertionError where a promise is broken."""
    demo = Demo(plan, folder, port)
    try:
        wait_until(demo, lambda: "history" in demo.marks, START_S, "the history")
        wait_until(demo, lambda: demo.pipeline()["lag"] == 0, START_S, "the history's end")
        usual = samples_until(demo, "burst", plan.quiet_s + START_S)
        baseline = max(lag for _, _, lag in usual) + NOISE
        burst = samples_until(demo, "over", plan.burst_s + START_S)
        drain_s = drained(demo, baseline)
        sent, stop_s = demo.stop()
    finally:
        demo.kill()
    assert sent["refused"] == 0 and sent["unanswered"] == 0, sent
    quiet_rate, burst_rate = check_folder(folder, plan, sent)
    return (f"{quiet_rate:.1f} events/s, in the burst {burst_rate:.1f}; "
            f"{sent['sent']} sent live in {sent['requests']} requests, {sent['late']} late, "
            f"{sent['duplicates']} twice, {sum(sent['malformed'].values())} malformed, 0 refused; "
            f"lag at most {max(lag for _, _, lag in burst)}, back at {baseline} after "
            f"{drain_s:.1f} s; stopped in {stop_s:.1f} s")


def long_plan(minutes=15, speed=60):
    """The demo with all its defaults."""
    return Plan(customers=2000, days=365, speed=speed, quiet_s=180, burst_s=int(60 * minutes),
                late=0.003, duplicate=0.01, malformed=0.002)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="the demo as it is, 15 minutes")
    parser.add_argument("--speed", type=float, default=60, help="of the long form")
    parser.add_argument("--minutes", type=float, default=15, help="of the long form")
    parser.add_argument("--keep", help="folder for the data; kept")
    return parser.parse_args()


def main():
    args = arguments()
    os.environ.setdefault("TIDELINE_BIN", str(ROOT / "build/release/tideline"))
    sys.path.insert(0, str(ROOT / "tests"))
    from support.ports import free_port

    plan = long_plan(args.minutes, args.speed) if args.long else Plan()
    folder = pathlib.Path(args.keep or tempfile.mkdtemp(prefix="tideline-burst-"))
    print(f"burst: {plan}", flush=True)
    try:
        print("burst: " + run_burst(plan, folder / "demo", free_port()), flush=True)
    except AssertionError as error:
        print(f"FAILED: {error}; the folder is {folder}")
        return 1
    if not args.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

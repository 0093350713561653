"""Cycles of load and SIGKILL: at random moments and at named crash points."""

import os
import random
import time

from faults.checker import check
from faults.load import PRODUCERS, Load
from support.server import Ended, Server

SLOWER = 5 if os.environ.get("TIDELINE_SANITIZE") else 1
CRASH_POINTS = [
    "log.before_write", "log.after_write", "log.before_sync", "log.after_sync", "log.before_ack",
    "processor.before_commit", "processor.after_commit", "archive.after_promise",
    "archive.after_write", "archive.after_commit", "score.before_write",
]
SETTINGS = {
    "lake.flush_s": 1,  # the shortest, so that archiving is hit too
    "log.segment_bytes": 1 << 20,
    "log_level": "warn",
}


def fresh(folder, seed, settings=None, **shares):
    """A new server with its producers, none of them started."""
    server = Server(folder, settings={**SETTINGS, **(settings or {})})
    keys = [server.new_key(f"p{i}") for i in range(PRODUCERS)]
    return server, Load(keys, seed, **shares)


def one_cycle(server, load, chance):
    """Starts the server, lets it work, kills it; answers how it ended."""
    how, settings = "killed", {}
    if chance.random() < 0.5:
        how = chance.choice(CRASH_POINTS)
        # Archiving and scoring come a few times a second at most, the others often.
        often = not how.startswith(("archive", "score"))
        settings["faults.crash_point"] = f"{how}:{chance.randrange(1, 60) if often else 1}"
    try:
        server.start(settings)
    except Ended:
        assert how != "killed", f"it does not start: {server.last_words()}"
        return how + " at the start"
    load.reach(server.port)
    seconds = chance.uniform(0.05, 0.5) + (1.2 if "archive" in how else 0)
    end = time.monotonic() + seconds * SLOWER
    while time.monotonic() < end and server.is_alive():
        time.sleep(0.005)
    if how != "killed" and server.is_alive():
        how += " not reached"
    server.kill()
    load.reach(None)
    return how


def run_cycles(folder, count, seed, check_every=25):
    """`count` cycles with a check after each `check_every` of them and at the end."""
    chance = random.Random(seed)
    server, load = fresh(folder, seed)
    line = ""
    try:
        for cycle in range(1, count + 1):
            how = one_cycle(server, load, chance)
            print(f"cycle {cycle}: {how}, {load.acknowledged()} acknowledged", flush=True)
            if cycle % check_every == 0 and cycle < count:
                server.start()
                print(f"after {cycle} cycles: {check_while(server, load)}", flush=True)
                server.kill()
        server.start()
        load.finish(server.port)
        line = check(server, load)
        server.stop()
        server.run("verify")
    finally:
        server.kill()
        for producer in load.producers:
            producer.stopping = True
    return line


def check_while(server, load):
    """A check in the middle: producers stand still, each pending batch is sent first."""
    time.sleep(0.05)
    return check(server, load)

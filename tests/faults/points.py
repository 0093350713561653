"""Every crash point that is compiled in: reached, died at, and nothing lost or doubled by it.

One folder goes through all of them, so that what one death leaves behind meets the next.
"""

import datetime
import json
import os
import random
import shutil
import subprocess
import time

from faults.checker import HISTORY, check
from faults.cycles import SLOWER
from faults.load import Load
from support.server import UNREACHABLE, Ended, Server

PATIENCE_S = 20
STARTS_MAX = 8  # merging is due after some, and trimming once the last segment is full
ONCE_S = 4
SETTINGS = {
    "log_level": "warn",
    "log.segment_bytes": 1 << 20,
    "log.retention_bytes_max": 1,  # what is archived goes at once
    "lake.flush_s": 1,
    "lake.files_per_date_max": 2,  # so that merging is due at every start
    "score.interval_s": 1,
}
# Predictions of known customers enter their history when they are scored for the first time.
FIRST = ["score.before_outbox", "score.after_outbox"]
# The log is trimmed once, a second after the start, as far as the reader was seen to rest.
QUIET = ["log.before_trim", "log.after_trim"]
ONCE_A_START = ("archive.before_swap", "archive.after_swap", "retention", *QUIET)
# Passed seldom, so that the first pass is the one to die at; the others are passed often.
SELDOM = ("archive", "score", "dead_letter.before_drop", "dead_letter.after_drop", "model",
          "retention", "replay", "log.before_segment", "log.after_segment", "log.before_trim",
          "log.after_trim")


def crash_points():
    """The names compiled in: the program lists them when it is given another one."""
    told = subprocess.run([os.environ["TIDELINE_BIN"], "verify", "--data", "nowhere"],
                          env={**os.environ, "TIDELINE_FAULTS__CRASH_POINT": "list"},
                          capture_output=True, text=True, check=False)
    assert told.returncode == 2 and "there are: " in told.stderr, told
    return told.stderr.split("there are: ")[1].split("\n")[0].split(", ")


class Course:
    """A folder with a history, a model and producers, on its way through the crash points."""

    def __init__(self, template, folder, seed):
        self.server = Server(folder, settings=SETTINGS)
        self.chance = random.Random(seed)
        self.history = template.events
        shutil.copytree(template.folder, folder)
        self.load = Load(template.keys, seed, bad=0.05)
        for producer in self.load.producers:
            producer.pause_s = 0.02  # what counts are deaths, not events

    def die_at(self, point):
        """Starts with the point armed, does what leads there, and waits for the death."""
        for starts in range(1, STARTS_MAX + 1):
            nth = 1 if point.startswith(SELDOM) else self.chance.randrange(1, 30)
            if self.died(point, nth, starts):
                return f"{point}:{nth}" + (f" at start {starts}" if starts > 1 else "")
        raise AssertionError(f"{point} was not reached")

    def died(self, point, nth, starts):
        """One start, awaited the longer the more were in vain; whether it died at the point."""
        try:
            self.server.start({"faults.crash_point": f"{point}:{nth}"})
        except Ended:
            return True
        if point not in QUIET:
            self.load.reach(self.server.port)
        once = point.startswith(ONCE_A_START)
        deadline = time.monotonic() + starts * (ONCE_S if once else PATIENCE_S) * SLOWER
        while self.server.is_alive() and time.monotonic() < deadline:
            self.lead_to(point)
            time.sleep(0.005)
        alive = self.server.is_alive()
        status = self.server.process.poll()
        self.server.kill()
        self.load.reach(None)
        assert alive or status == -9, f"it ended with {status}: {self.server.last_words()}"
        return not alive

    def lead_to(self, point):
        if point.startswith("dead_letter") and point.endswith("drop"):
            self.drop_a_letter()
        elif point.startswith("model"):
            self.command("model", "train")
        elif point.startswith("replay"):
            self.command("replay")

    def command(self, *words):
        """Runs a command that the server may not survive."""
        told = subprocess.run([os.environ["TIDELINE_BIN"], *words, "--data", self.server.folder,
                               "--json"], capture_output=True, text=True, check=False)
        # A command never dies of the server's death; it says that the server gave no answer.
        assert told.returncode in (0, 1, 4), (words, told.returncode, told.stderr[-500:])

    def drop_a_letter(self):
        try:
            letters = self.server.get("/api/v1/deadletters?status=open&limit=1").json()["data"]
            if letters:
                self.server.post(f"/api/v1/deadletters/{letters[0]['id']}/drop", b"")
        except UNREACHABLE:
            pass  # this is what it died of

    def finish(self):
        self.server.start()
        self.load.finish(self.server.port)
        line = check(self.server, self.load, self.history)
        models = json.loads(self.server.run("model", "list", "--json"))
        assert models, models
        self.server.stop()
        self.server.run("verify")
        return line

    def close(self):
        for producer in self.load.producers:
            producer.stopping = True
        self.server.kill()


class Template:
    """A folder with a few customers' history, a trained model and four keys."""

    def __init__(self, folder):
        self.folder = str(folder)
        server = Server(folder, settings=SETTINGS)
        made = f"{folder}-generated"
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()

        def run(*words):
            done = subprocess.run([os.environ["TIDELINE_BIN"], *words], capture_output=True,
                                  env=server.environment(), text=True, check=False)
            assert done.returncode == 0, (words, done.stderr[-1000:])
            return done.stdout

        run("generate", "--pack", "marketplace", "--customers", "20", "--days", "100", "--seed",
            "11", "--end", today, "--out", made)
        summary = json.loads(run("import", f"{made}/events-000.parquet", "--pack", "marketplace",
                                 "--data", self.folder, "--source", HISTORY, "--json"))
        self.events = summary["applied"] + summary["late_applied"]
        assert self.events == summary["received"] > 1000, summary
        run("model", "train", "--data", self.folder, "--json")
        self.keys = [server.new_key(f"p{i}") for i in range(4)]


def run_points(template, folder, seed, points):
    """Dies at each of the points, in a shuffled order; answers the last check's line."""
    course = Course(template, folder, seed)
    rest = [point for point in points if point not in FIRST]
    course.chance.shuffle(rest)
    try:
        for number, point in enumerate([p for p in FIRST if p in points] + rest, 1):
            print(f"{number}: {course.die_at(point)}, {course.load.acknowledged()} acknowledged",
                  flush=True)
        return course.finish()
    finally:
        course.close()

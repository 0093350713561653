"""Models in trouble: kills while one is promoted, and files of a model that are gone, cut, flipped
or of another kind. What must hold: exactly one model is active, no event is lost, no figure is
invented.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import time

from support.server import Server
from support.trained import run_json

SETTINGS = {"log_level": "off", "score.interval_s": 1, "lake.flush_s": 1}


def active(folder):
    models = run_json("model", "list", "--data", folder)["models"]
    return [f"{m['name']}-{m['version']}" for m in models if m["active"]]


def kill_promotions(folder, rounds, seed):
    """Kills the server at any moment around a promotion, `rounds` times; answers how often the
    promotion had already happened. After each there is exactly one active model: the one before,
    or the one that was asked for, and that one where the command had its answer.
    """
    chance = random.Random(seed)
    now, promoted = active(folder), 0
    assert len(now) == 1, now
    for number in range(rounds):
        wish = "v1" if now[0].endswith("v2") else "v2"
        point = chance.choice(["model.before_swap:1", "model.after_swap:1", "", ""])
        with Server(folder, settings={**SETTINGS, **({"faults.crash_point": point} if point
                                                     else {})}) as server:
            command = subprocess.Popen(
                [os.environ["TIDELINE_BIN"], "model", "promote", wish, "--data", str(folder)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if not point:
                time.sleep(chance.random() * 0.06)
                server.process.send_signal(signal.SIGKILL)
            answered = command.wait(timeout=60) == 0
        after = active(folder)
        assert len(after) == 1, f"round {number}: {after}"
        done = after[0].endswith(wish)
        assert done or after == now, f"round {number}: {after} out of nowhere"
        assert done or not answered, f"round {number}: answered, and {after} is active"
        assert not (point.startswith("model.before") and done), "promoted before the write"
        assert done or not point.startswith("model.after"), "not promoted after the write"
        promoted += done
        now = after
    return promoted


class Damage:
    """The files of the version in production, to be damaged and mended."""

    def __init__(self, folder, version):
        self.place = folder / "models/marketplace-health" / version
        self.whole = {path.name: path.read_bytes() for path in self.place.iterdir()}

    def mend(self):
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for name, content in self.whole.items():
            (self.place / name).write_bytes(content)

    def flip(self, chance):
        """Flips one bit of one file; says where."""
        name = chance.choice(sorted(self.whole))
        content = bytearray(self.whole[name])
        bit = chance.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        (self.place / name).write_bytes(content)
        return f"{name} bit {bit}"


def refuse_flips(folder, version, flips, seed):
    """Each flipped bit of the model's files makes the program refuse the model."""
    chance, damage = random.Random(seed), Damage(folder, version)
    for _ in range(flips):
        where = damage.flip(chance)
        model = next(m for m in run_json("model", "list", "--data", folder)["models"]
                     if m["version"] == version)
        assert model.get("problem"), f"{where}: it was taken"
        name = where.split()[0]
        (damage.place / name).write_bytes(damage.whole[name])
    damage.mend()


class Watched:
    """A server whose predictions are known from before the damage."""

    def __init__(self, folder):
        self.folder = folder
        with Server(folder, settings=SETTINGS) as server:
            self.key = server.new_key(f"k{time.monotonic_ns()}")
            self.before = scored(server)
            server.stop()
        assert self.before, "nobody is scored"

    def check(self, what):
        """With the damage done: events come in, scores stand still and say so."""
        with Server(self.folder, settings=SETTINGS) as server:
            events = [{"type": "track", "messageId": f"{what}-{i}", "event": "Session Booked",
                       "userId": sorted(self.before)[i % len(self.before)], "properties": {}}
                      for i in range(200)]
            totals = server.totals()
            for start in range(0, len(events), 50):
                answer = server.post("/v1/batch", {"batch": events[start:start + 50]}, self.key)
                assert answer.status == 200, answer
            got = server.totals()["received"] - totals["received"]
            assert got == len(events), f"{got} of {len(events)} events"
            health = server.get("/healthz").json()
            assert health["status"] == "degraded" and health["reason"] == "model_refused", health
            assert server.get("/ping").status == 503
            assert server.post("/invocations", b"1,2,3").status == 503
            assert server.get("/v2/health/ready").status == 503
            wait_for(lambda: all(row["status"] != "scored" for row in rows_of(server)))
            for row in rows_of(server):
                self.check_row(row)
            server.stop()

    def check_row(self, row):
        figures = {key: row[key] for key in ("health_score", "churn_risk_14d", "tier")}
        if row["status"] == "stale":
            assert figures == self.before[row["customer_id"]], (row, self.before)
            assert row["features_as_of"], row
        else:
            assert row["status"] == "unscored", row
            assert row["lapsed"] or all(value is None for value in figures.values()), row


def rows_of(server):
    return server.get("/api/v1/customers?limit=1000").json()["data"]


def scored(server):
    wait_for(lambda: any(row["status"] == "scored" for row in rows_of(server)))
    return {row["customer_id"]: {key: row[key]
                                 for key in ("health_score", "churn_risk_14d", "tier")}
            for row in rows_of(server) if row["status"] == "scored"}


def wait_for(what, seconds=30):
    deadline = time.monotonic() + seconds * (10 if os.environ["TIDELINE_SANITIZE"] else 1)
    while not what():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def damages(folder, version):
    """Name and deed of each kind of damage."""
    damage = Damage(folder, version)

    def cut(name):
        (damage.place / name).write_bytes(damage.whole[name][:len(damage.whole[name]) // 2])

    def other_schema():
        manifest = json.loads(damage.whole["manifest.json"])
        manifest["features"] = manifest["features"][:-1]
        (damage.place / "manifest.json").write_text(json.dumps(manifest))

    return damage, {
        "no weights": lambda: (damage.place / "weights.safetensors").unlink(),
        "no manifest": lambda: (damage.place / "manifest.json").unlink(),
        "no folder": lambda: shutil.rmtree(damage.place),
        "cut weights": lambda: cut("weights.safetensors"),
        "cut manifest": lambda: cut("manifest.json"),
        "another schema": other_schema,
        "a flipped bit": lambda: damage.flip(random.Random(7)),
    }

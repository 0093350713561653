"""Folders with a simulated marketplace's history and a model learnt from it.

    from support.trained import trained_folder
    trained_folder("folder")                      # a year ending today, a model v1
    trained_folder("folder", versions=2)          # v2 in production, v1 before
"""

import datetime
import json
import os
import subprocess
import time

SCORED_S = 300 if os.environ.get("TIDELINE_SANITIZE") else 30


def run(*words, expect=(0,), env=None):
    """Standard output of a command of the program."""
    done = subprocess.run([os.environ["TIDELINE_BIN"], *map(str, words)], capture_output=True,
                          text=True, check=False, env={**os.environ, **(env or {})})
    assert done.returncode in expect, (
        f"{' '.join(map(str, words))[:200]}: status {done.returncode}: "
        f"{(done.stdout + done.stderr)[-1500:]}")
    return done.stdout


def run_json(*words, expect=(0,)):
    return json.loads(run(*words, "--json", expect=expect))


def refusal(*words):
    """(status, standard error) of a command that must fail."""
    done = subprocess.run([os.environ["TIDELINE_BIN"], *map(str, words)], capture_output=True,
                          text=True, check=False)
    assert done.returncode != 0, f"{words} did not fail: {done.stdout[-500:]}"
    return done.returncode, done.stderr


def generated(folder, customers=150, days=170, seed=11, end=None):
    """Files of a simulated marketplace's events whose history ends at midnight of `end`."""
    end = end or datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    run("generate", "--pack", "marketplace", "--customers", customers, "--days", days, "--seed",
        seed, "--end", end, "--out", folder)
    return sorted(str(path) for path in folder.glob("events-*.parquet"))


def trained_folder(folder, versions=1, **options):
    """`folder` (a pathlib.Path) with a history and `versions` models, the last in production."""
    files = generated(folder.with_name(folder.name + "-generated"), **options)
    run("import", *files, "--pack", "marketplace", "--data", folder, "--json")
    for _ in range(versions):
        run("model", "train", "--data", folder, "--json")
    return folder


def scored_rows(server):
    """The scored customers of a server, as soon as it scored everybody."""
    deadline = time.monotonic() + SCORED_S
    while True:
        overview = server.get("/api/v1/overview").json()
        if overview["last_full_scoring"]:
            rows = server.get("/api/v1/customers?limit=1000").json()["data"]
            return [row for row in rows if row["status"] == "scored"]
        assert time.monotonic() < deadline, overview
        time.sleep(0.05)

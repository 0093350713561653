"""A small folder with a lake, made once a test; and its server's SQL."""

import json
import os
import pathlib
import subprocess


def run(*words, expect=0, stdin=None):
    result = subprocess.run([os.environ["TIDELINE_BIN"], *words], capture_output=True, text=True,
                            check=False, input=stdin)
    assert result.returncode == expect, f"{words}: status {result.returncode}: {result.stderr}"
    return result.stdout


def filled(folder, customers=60, days=40):
    """A marketplace folder with an imported history; the number of events that were applied."""
    run("generate", "--pack", "marketplace", "--customers", str(customers), "--days", str(days),
        "--seed", "7", "--out", f"{folder}.history")
    files = sorted(str(path) for path in pathlib.Path(f"{folder}.history").glob("events-*"))
    counts = json.loads(run("import", *files, "--pack", "marketplace", "--data", folder, "--json"))
    return counts["applied"] + counts["late_applied"]


def ask(server, query, **more):
    """The answer to one query; its body is JSON where it is not asked for otherwise."""
    return server.post("/api/v1/sql", {"query": query, **more})


def rows(server, query, **more):
    answer = ask(server, query, **more)
    assert answer.status == 200, f"{query[:200]}: {answer.status} {answer.body[:500]}"
    return answer.json()["rows"]

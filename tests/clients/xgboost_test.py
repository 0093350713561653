"""Debian's python3-xgboost reads our trees and we read its, with equal bits.

tideline-test: timeout=300 needs=none
"""

import json
import os
import pathlib
import subprocess
import sys

from support.cases import Cases, Skip

SOURCE = pathlib.Path(os.environ["TIDELINE_SOURCE"])
CLIENT = pathlib.Path(os.environ["TIDELINE_BUILD"]) / "tree_client"
UNPACKED = SOURCE / "build/tools/python-xgboost"
PYTHON = pathlib.Path("/usr/bin/python3")  # Debian's, which its numpy is built for
SEED = 20260712

# Runs in Debian's Python: commands as JSON on the command line, see below.
SCRIPT = pathlib.Path(__file__).with_name("xgboost_peer.py")


def install():
    """Environment in which Debian's Python finds xgboost."""
    if not PYTHON.exists():
        raise Skip("no /usr/bin/python3")
    if not (UNPACKED / "done").exists():
        done = subprocess.run([SOURCE / "tests/clients/install_xgboost.sh"], check=False,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip(f"python3-xgboost cannot be fetched: {done.stderr[-200:]}")
    libraries = UNPACKED / "usr/lib/x86_64-linux-gnu"
    return {**os.environ, "PYTHONPATH": str(UNPACKED / "usr/lib/python3/dist-packages"),
            "LD_LIBRARY_PATH": f"{libraries}:{libraries}/blas:{libraries}/lapack"}


def peer(environment, *words):
    done = subprocess.run([PYTHON, SCRIPT, *map(str, words)], env=environment, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-800:]


def ours(*words):
    return subprocess.run([CLIENT, *map(str, words)], check=False, capture_output=True, text=True)


def equal(name, environment, model):
    """Both predict the rows of `rows.f32` from the model file, bit by bit the same."""
    done = ours("score", model, "rows.f32", "ours.f32")
    assert done.returncode == 0, done.stderr
    peer(environment, "predict", model, "rows.f32", "theirs.f32")
    mine, theirs = (pathlib.Path(path).read_bytes() for path in ("ours.f32", "theirs.f32"))
    assert len(mine) > 1000 and mine == theirs, f"{name}: the predictions differ"


def refused(model, words):
    done = ours("score", model, "rows.f32", "ours.f32")
    assert done.returncode == 5 and words in done.stderr, (done.returncode, done.stderr)


def main():
    cases = Cases()
    environment = None
    with cases.case("python3-xgboost is there"):
        environment = install()
    if environment is None:
        cases.finish()
    print(f"seed {SEED}")
    with cases.case("rows and models of theirs"):
        peer(environment, "make", SEED)

    for objective in ("binary:logistic", "reg:squarederror", "count:poisson", "reg:gamma",
                      "reg:tweedie"):
        with cases.case(f"they read our trees: {objective}"):
            assert ours("write", SEED, objective, "model.json").returncode == 0
            equal(objective, environment, "model.json")
    made = json.loads(pathlib.Path("made.json").read_text())
    for model in made["models"]:
        with cases.case(f"we read theirs: {model}"):
            equal(model, environment, model)

    # As 3.1 writes it; the library at hand would read something else from it.
    with cases.case("a base score in brackets is the same base score"):
        model = json.loads(pathlib.Path("logistic_hist.json").read_text())
        parameters = model["learner"]["learner_model_param"]
        parameters["base_score"] = f"[{parameters['base_score']}]"
        model["version"] = [3, 1, 0]
        pathlib.Path("brackets.json").write_text(json.dumps(model))
        for name, out in (("logistic_hist.json", "plain.f32"), ("brackets.json", "brackets.f32")):
            assert ours("score", name, "rows.f32", out).returncode == 0
        assert pathlib.Path("plain.f32").read_bytes() == pathlib.Path("brackets.f32").read_bytes()

    for model, words in made["refused"].items():
        with cases.case(f"what we cannot score is refused: {model}"):
            refused(model, words)
    with cases.case("their old binary format is refused"):
        refused("old.bin", "save it with")
    cases.finish()


if __name__ == "__main__":
    sys.exit(main())

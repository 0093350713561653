"""XGBoost reads our trees and we read its, with equal bits: Debian's 1.7 and a 3.2 from PyPI.

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
SCRIPT = pathlib.Path(__file__).with_name("xgboost_peer.py")
SEED = 20260712
OBJECTIVES = ("binary:logistic", "reg:squarederror", "count:poisson", "reg:gamma", "reg:tweedie")


def installed(which):
    """The folder that install_xgboost.sh fills."""
    folder = SOURCE / "build/tools" / which
    if not (folder / "done").exists():
        done = subprocess.run([SOURCE / "tests/clients/install_xgboost.sh", which, sys.executable],
                              check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip(f"{which} cannot be fetched: {done.stderr[-200:]}")
    return folder


class Peer:
    """A Python with xgboost, working in a folder of its own."""

    def __init__(self, name, python, **environment):
        self.name, self.python = name, python
        self.environment = {**os.environ, **environment}
        self.folder = pathlib.Path(name)
        self.folder.mkdir()

    def run(self, *words):
        done = subprocess.run([self.python, SCRIPT, *map(str, words)], env=self.environment,
                              cwd=self.folder, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-800:]

    def ours(self, *words):
        return subprocess.run([CLIENT, *map(str, words)], cwd=self.folder, check=False,
                              capture_output=True, text=True)

    def check_equal(self, model):
        """Both predicted the rows of `rows.f32` from the model file, bit by bit the same."""
        done = self.ours("score", model, "rows.f32", "ours.f32")
        assert done.returncode == 0, done.stderr
        mine = (self.folder / "ours.f32").read_bytes()
        theirs = (self.folder / f"{model}.theirs").read_bytes()
        assert len(mine) > 1000 and mine == theirs, "the predictions differ"

    def check_refused(self, model, words):
        done = self.ours("score", model, "rows.f32", "ours.f32")
        assert done.returncode == 5 and words in done.stderr, (done.returncode, done.stderr)


def debian():
    python = pathlib.Path("/usr/bin/python3")  # whose version Debian's numpy is built for
    if not python.exists():
        raise Skip("no /usr/bin/python3")
    root = installed("python-xgboost")
    libraries = root / "usr/lib/x86_64-linux-gnu"
    return Peer("1.7", python, PYTHONPATH=str(root / "usr/lib/python3/dist-packages"),
                LD_LIBRARY_PATH=f"{libraries}:{libraries}/blas:{libraries}/lapack")


def recent():
    if sys.version_info < (3, 11):
        raise Skip("its numpy wants Python 3.11")
    return Peer("3.2", sys.executable, PYTHONPATH=str(installed("python-xgboost-3")))


def check_brackets(peer):
    """As 3.1 writes the base score; 1.7 reads 0.5 from it."""
    model = json.loads((peer.folder / "logistic_hist.json").read_text())
    parameters = model["learner"]["learner_model_param"]
    parameters["base_score"] = f"[{parameters['base_score']}]"
    model["version"] = [3, 1, 0]
    (peer.folder / "brackets.json").write_text(json.dumps(model))
    for name, out in (("logistic_hist.json", "plain.f32"), ("brackets.json", "brackets.f32")):
        assert peer.ours("score", name, "rows.f32", out).returncode == 0
    same = [(peer.folder / name).read_bytes() for name in ("plain.f32", "brackets.f32")]
    assert len(same[0]) > 1000 and same[0] == same[1]


def check_peer(cases, open_peer):
    peer = None
    with cases.case(f"{open_peer.__name__} xgboost makes rows and models"):
        peer = open_peer()
        peer.run("make", SEED)
    if peer is None or not (peer.folder / "made.json").exists():
        return
    made = json.loads((peer.folder / "made.json").read_text())
    written = {f"ours_{place}.json": objective for place, objective in enumerate(OBJECTIVES)}
    with cases.case(f"{peer.name} loads and predicts"):
        for model, objective in written.items():
            assert peer.ours("write", SEED, objective, model).returncode == 0
        peer.run("predict", *written, *made["models"])
    for model, objective in written.items():
        with cases.case(f"{peer.name} reads our trees: {objective}"):
            peer.check_equal(model)
    for model in made["models"]:
        with cases.case(f"we read {peer.name}: {model}"):
            peer.check_equal(model)
    for model, words in made["refused"].items():
        with cases.case(f"refused of {peer.name}: {model}"):
            peer.check_refused(model, words)
    if peer.name == "1.7":
        with cases.case("a base score in brackets is the same base score"):
            check_brackets(peer)


def main():
    print(f"seed {SEED}")
    cases = Cases()
    check_peer(cases, debian)
    check_peer(cases, recent)
    cases.finish()


if __name__ == "__main__":
    main()

"""The exported ONNX file gives onnxruntime the figures that the program serves, within 1e-5
of 1, or of the figure where that is larger.

A folder is filled and trained; then every task whose champion is the network is compared over the
golden rows of the bundle, which hold rows of customers and rows at the edges. The file in the
bundle and the one that `model export` writes are the same.

tideline-test: timeout=900
"""

import json
import os
import pathlib
import subprocess

from support.cases import Cases
from support.npm import node_for, packages

HERE = pathlib.Path(__file__).parent
cases = Cases()
modules = packages("tests/onnx")


def tideline(*words):
    done = subprocess.run([os.environ["TIDELINE_BIN"], *map(str, words)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def figures_of(model, rows, width):
    asked = pathlib.Path("rows.json")
    asked.write_text(json.dumps({"width": width, "rows": rows}))
    done = subprocess.run([node_for(20), HERE / "figures.mjs", modules, model, asked],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)["figures"]


def number(text):
    return None if text is None else float(text)


with cases.case("the exported network gives onnxruntime our figures"):
    tideline("generate", "--pack", "marketplace", "--customers", 400, "--days", 300,
             "--seed", 5, "--out", "made")
    tideline("import", *sorted(map(str, pathlib.Path("made").glob("events-*.parquet"))), "--data",
             "folder", "--pack", "marketplace")
    tideline("model", "train", "--data", "folder")
    told = json.loads(tideline("model", "export", "--out", "model.onnx", "--data", "folder",
                               "--json"))
    bundle = next(pathlib.Path("folder/models").glob("*/v1"))
    written = pathlib.Path("model.onnx").read_bytes()
    assert (bundle / "model.onnx").read_bytes() == written, "not the file of the bundle"
    manifest = json.loads((bundle / "manifest.json").read_text())
    golden = json.loads((bundle / "golden.json").read_text())
    width, tasks = len(manifest["features"]), manifest["tasks"]
    flat = [number(x) for x in golden["features"]]
    rows = [flat[i:i + width] for i in range(0, len(flat), width)]
    found = figures_of("model.onnx", rows, width)
    champions = {task["name"]: task["champion"] for task in tasks}
    assert told["champions"] == champions, told
    compared = 0
    for r in range(len(rows)):
        for k, task in enumerate(tasks):
            below = task["not_below"]
            if task["champion"] != "network" or (below and champions[below] != "network"):
                continue
            ours = float(golden["figures"][r * len(tasks) + k])
            theirs = found[r][k]
            # Both add in FP32, each in its own order.
            off = abs(ours - theirs) / max(1, abs(ours))
            assert off <= 1e-5, f"row {r}, {task['name']}: {ours} and {theirs}"
            compared += 1
    assert compared >= 20, f"only {compared} figures compared; champions: {champions}"

cases.finish()

"""The network's kernels on one thread, beside onnxruntime at its best batch size."""

import sys

from measuring import ROOT, Run, add_lines, output_of, require

ORDER = 45
TARGETS = ("network_bench",)
CASES = {
    "network_layers": ("network 46-64-32-5, the best path of this processor", "rows"),
    "network_layers_avx2": ("network 46-64-32-5, AVX2", "rows"),
    "network_single": ("network 46-64-32-5, one row a call, with encoding and heads", "rows"),
    "network_onnxruntime": ("onnxruntime, its best batch size", "rows"),
}
PEERS = [("network_layers", "network_onnxruntime"),
         ("network_layers_avx2", "network_onnxruntime")]


def measure(figures):
    output_of("bash", ROOT / "bench/peers/install.sh")
    folder = Run.work / "network"
    folder.mkdir()
    program, peer = Run.build / "network_bench", ROOT / "bench/peers/onnx_network.py"
    seconds = 0.2 if Run.quick else 1
    output_of(program, "prepare", folder)
    batch = output_of(sys.executable, peer, folder, "batch").strip()
    about = {}
    for _ in range(Run.rounds):
        about = add_lines(figures, output_of(program, "run", seconds, "best"))
        add_lines(figures, output_of(sys.executable, peer, folder, "run", batch, seconds))
        if "avx2" in about["paths"][1:]:
            add_lines(figures, output_of(program, "run", seconds, "avx2"))
    require(figures.rounds["network_layers"], "nothing was measured")
    return {**about, "batch": int(batch)}


def words(told):
    return [f"""**Network**: `bench/network_bench.cc`, one thread, random weights and
  {told["rows"]:,} random rows, FP32; kernel paths of this
  processor: {", ".join(told["paths"])}. From encoded inputs to the sums of five heads; a row alone
  (`network_single`) starts from features and ends at figures, so it has encoding and heads in it,
  but no logarithms and no calibration. The peer, onnxruntime from PyPI, runs the same layers from
  the ONNX file that the program writes, one thread, {told["batch"]:,} rows a call, the fastest of
  nine sizes. Checked: every path gives the bytes of the plain one, the peer's sums are within 1e-5
  of ours."""]

"""The peer of the network's kernels: onnxruntime on one thread, over the very same sums.

    onnx_network.py FOLDER batch                 prints the batch size at which it is fastest
    onnx_network.py FOLDER run BATCH SECONDS     one round, as bench/measure.h prints it

FOLDER holds layers.onnx, inputs.f32 and sums.f32 (network_bench prepare).
"""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "build/bench-peers/python"))
import numpy
import onnxruntime

BATCHES = (16, 48, 128, 256, 512, 1024, 2400, 4800, 9600)
TOLERANCE = 1e-5


def session(folder):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "layers.onnx"), options,
                                        providers=["CPUExecutionProvider"])


class Work:
    """All rows, `batch` at once; every pass computes all of them."""

    def __init__(self, folder, batch):
        self.session = session(folder)
        inputs = numpy.fromfile(folder / "inputs.f32", "<f4").reshape(-1, 46)
        self.rows = len(inputs)
        self.parts = [numpy.ascontiguousarray(inputs[i:i + batch])
                      for i in range(0, self.rows, batch)]
        expected = numpy.fromfile(folder / "sums.f32", "<f4").reshape(-1, 5)
        found = numpy.concatenate(self.run())
        off = float(abs(found - expected).max())
        assert off <= TOLERANCE, f"sums differ by {off}"

    def run(self):
        return [self.session.run(None, {"inputs": part})[0] for part in self.parts]

    def measure(self, seconds):
        passes, wall, cpu = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - wall < seconds:
            self.run()
            passes += 1
        return {"units": passes * self.rows, "wall_s": time.perf_counter() - wall,
                "cpu_s": time.process_time() - cpu}


def main():
    folder = pathlib.Path(sys.argv[1])
    if sys.argv[2] == "batch":
        cost = {}
        for batch in BATCHES:
            found = Work(folder, batch).measure(0.2)
            cost[batch] = found["cpu_s"] / found["units"]
        print(min(cost, key=cost.get))
    else:
        found = Work(folder, int(sys.argv[3])).measure(float(sys.argv[4]))
        print(json.dumps({"case": "network_onnxruntime", **found}))


main()

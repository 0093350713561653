"""Learning on a simulated marketplace whose truth is known, the short form.

The long form: `build/release/simulated_learning 2000`.

tideline-test: timeout=600
"""

import json
import os
import pathlib

from support.cases import Cases
from support.oracle import run

# Few customers, so that it takes seconds: noise of what happens to them leaves wide bars.
CUSTOMERS, BOUND_ROWS, REPLICAS = 300, 150, 40


def main():
    cases = Cases()
    program = pathlib.Path(os.environ["TIDELINE_BUILD"]) / "simulated_learning"
    report = {}
    with cases.case("simulated learning: runs"):
        report.update(json.loads(run(program, CUSTOMERS, BOUND_ROWS, REPLICAS)))
        print(f"# {json.dumps(report)}")
    for name, task in report.get("tasks", {}).items():
        with cases.case(f"simulated learning: {name} is learnt about as well as from ten times "
                        "the customers"):
            assert task["skill"] > 0.1 and task["skill_10x"] > 0.12, task
            assert task["ratio"] > 0.8, task
        with cases.case(f"simulated learning: {name} is no better than the truth allows"):
            assert task["skill_beside_bound"] < task["bound_skill"], task
        with cases.case(f"simulated learning: {name} is calibrated in weeks to come"):
            assert 0.7 < task["slope"] < 1.3 and 0.85 < task["slope_10x"] < 1.15, task
    with cases.case("simulated learning: a planted leak and planted copies are noticed, else not"):
        assert report["leak_noticed"] and report["copies_noticed"], report
        assert not report["false_leak"] and not report["false_copies"], report
    cases.finish()


if __name__ == "__main__":
    main()

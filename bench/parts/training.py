"""Training of a model for all tasks of a pack."""

from measuring import Run, add_lines, output_of

ORDER = 48
TARGETS = ("training_bench",)
CASES = {"training": ("training, five tasks, 46 features", "rows")}


def rows_learned():
    return 20_000 if Run.quick else 100_000


def measure(figures):
    rounds = 2 if Run.quick else 3
    return add_lines(figures, output_of(Run.build / "training_bench", rows_learned(), 2, rounds))


def words(told):
    return [f"""**Training**: `bench/training_bench.cc`, {told["threads"]} threads:
  {told["rows"]:,} made-up snapshots of {told["features"]} features, {told["tasks"]} tasks;
  network, boosted trees and regressions judged by time, the champions fitted to all rows,
  calibrated by cross-fitting and written. Checked: every run gives the same bytes."""]

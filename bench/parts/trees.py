"""Scoring gradient-boosted trees beside libxgboost's C API."""

from measuring import Run, add_lines, output_of

ORDER = 46
TARGETS = ("trees_bench",)
CASES = {
    "trees_avx512": ("trees, AVX-512", "rows"),
    "trees_avx2": ("trees, AVX2", "rows"),
    "trees_plain": ("trees, plain", "rows"),
    "trees_doubles": ("trees, features as doubles", "rows"),
    "xgboost_in_place": ("libxgboost, straight from the rows", "rows"),
    "xgboost_matrix": ("libxgboost, by a matrix", "rows"),
    "trees_single": ("trees, one row a call", "rows"),
    "xgboost_single": ("libxgboost, one row a call", "rows"),
}
PEERS = [("trees_avx512", "xgboost_in_place"), ("trees_avx2", "xgboost_in_place"),
         ("trees_plain", "xgboost_in_place"), ("trees_doubles", "xgboost_in_place"),
         ("trees_single", "xgboost_single")]


def rows_and_training_rows():
    return (20_000, 5_000) if Run.quick else (100_000, 20_000)


def measure(figures):
    return add_lines(figures, output_of(Run.build / "trees_bench", *rows_and_training_rows(),
                                        Run.rounds))


def words(told):
    rows, training_rows = rows_and_training_rows()
    return [f"""**Trees**: `bench/trees_bench.cc`, one thread, {told["trees"]} trees of depth 6
  with {told["splits"]:,} splits over {told["features"]} features, trained by libxgboost's method
  hist on {training_rows:,} simulated rows with 256 cuts a feature; {rows:,} other rows of
  floats, a twentieth of the cells missing. The peer is libxgboost {told["version"]} with
  `nthread` 1: `XGBoosterPredictFromDense`, the quickest way of its C API, and
  `XGDMatrixCreateFromMat` with `XGBoosterPredict`. Checked: the margins of every
  round have the bits of libxgboost's, 0 rows differ."""]

"""Runs in a Python that has xgboost, for xgboost_test.py, in the current folder:

    xgboost_peer.py make SEED                 rows.f32, models and made.json
    xgboost_peer.py predict MODEL…            MODEL.theirs: for each row of rows.f32 its margin and
                                              its figure, float32
"""

import json
import pathlib
import sys

import numpy
import xgboost

WIDTH = 12  # as the random trees of tree_client
NAMES = [f"feature {place}" for place in range(WIDTH)]


def rows(rng, count):
    """Normal values, a tenth missing, with zeros of either sign, small and large ones."""
    values = (rng.standard_normal((count, WIDTH)) * 20).astype(numpy.float32)
    special = numpy.array([numpy.nan, numpy.nan, 0.0, -0.0, 1e-45, -1e-45, 3.4e38, -3.4e38, 0.37],
                          dtype=numpy.float32)
    chosen = rng.random(values.shape) < 0.2
    values[chosen] = rng.choice(special, chosen.sum())
    return values


def train(name, matrix, rounds=20, **parameters):
    booster = xgboost.train({"verbosity": 0, "nthread": 1, "max_depth": 5, **parameters}, matrix,
                            rounds)
    booster.save_model(name)
    return booster


def make(seed):
    rng = numpy.random.default_rng(seed)
    rows(rng, 500).tofile("rows.f32")
    values = rows(rng, 3000)
    filled = numpy.nan_to_num(values, nan=3.0).clip(-50, 50)
    score = filled[:, 0] / 20 + (filled[:, 1] > 5) - 0.5
    gone = (rng.random(3000) < 1 / (1 + numpy.exp(-score))).astype(numpy.float32)
    amount = numpy.exp(score.clip(-3, 3)).astype(numpy.float32) + 0.1
    classes = xgboost.DMatrix(values, gone, feature_names=NAMES)
    numbers = xgboost.DMatrix(values, amount, feature_names=NAMES)
    plain = xgboost.DMatrix(values, gone)

    models = []
    for name, matrix, parameters in (
            ("logistic_hist.json", classes, {"objective": "binary:logistic", "base_score": 0.3,
                                             "tree_method": "hist"}),
            ("logistic_exact.ubj", classes, {"objective": "binary:logistic",
                                             "tree_method": "exact"}),
            ("logistic_unnamed.json", plain, {"objective": "binary:logistic",
                                              "tree_method": "approx"}),
            ("logistic_deep.ubj", plain, {"objective": "binary:logistic", "tree_method": "hist",
                                          "max_depth": 12, "min_child_weight": 0}),
            ("logistic_pruned.json", plain, {"objective": "reg:logistic", "tree_method": "exact",
                                             "gamma": 3, "num_parallel_tree": 3,
                                             "subsample": 0.5}),
            ("logistic_lossguide.json", plain, {"objective": "binary:logistic", "max_depth": 0,
                                                "tree_method": "hist", "max_leaves": 20,
                                                "grow_policy": "lossguide"}),
            ("number.json", numbers, {"objective": "reg:squarederror"}),
            ("number_absolute.json", numbers, {"objective": "reg:absoluteerror",
                                               "tree_method": "hist"}),
            ("poisson.ubj", numbers, {"objective": "count:poisson", "base_score": 1.7}),
            ("gamma.json", numbers, {"objective": "reg:gamma"}),
            ("tweedie.json", numbers, {"objective": "reg:tweedie", "base_score": 0.7})):
        train(name, matrix, **parameters)
        models.append(name)

    several = xgboost.DMatrix(values, rng.integers(0, 3, 3000))
    train("several.json", several, 3, objective="multi:softprob", num_class=3)
    train("dart.json", plain, 3, objective="binary:logistic", booster="dart")
    train("linear.ubj", plain, 3, objective="binary:logistic", booster="gblinear")
    train("hinge.json", plain, 3, objective="binary:hinge")
    kinds = ["c"] + ["q"] * (WIDTH - 1)
    values[:, 0] = rng.integers(0, 8, 3000)
    categories = xgboost.DMatrix(values, gone, feature_types=kinds, enable_categorical=True)
    train("categories.json", categories, 5, objective="binary:logistic", tree_method="hist",
          max_cat_to_onehot=20)
    refused = {"several.json": "3 classes", "dart.json": "dart", "linear.ubj": "gblinear",
               "hinge.json": "binary:hinge", "categories.json": "categorical"}
    if xgboost.__version__.startswith("1."):  # later ones write another format no more
        train("old.bin", plain, 3, objective="binary:logistic")
        refused["old.bin"] = "save it with"
    pathlib.Path("made.json").write_text(json.dumps({"models": models, "refused": refused}))


def predict(model):
    booster = xgboost.Booster(model_file=model)
    booster.set_param({"nthread": 1})
    values = numpy.fromfile("rows.f32", dtype=numpy.float32).reshape(-1, WIDTH)
    matrix = xgboost.DMatrix(values, feature_names=booster.feature_names)
    margins = booster.predict(matrix, output_margin=True)
    figures = booster.predict(xgboost.DMatrix(values, feature_names=booster.feature_names))
    both = numpy.stack([margins, figures], axis=1).astype(numpy.float32)
    both.tofile(f"{model}.theirs")


def main():
    if sys.argv[1] == "make":
        make(int(sys.argv[2]))
    else:
        for model in sys.argv[2:]:
            predict(model)


if __name__ == "__main__":
    main()

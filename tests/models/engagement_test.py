"""The engagement pack's models: later weeks of other customers, few features, value of purchases,
groups treated alike or not, columns that tell the answer.

tideline-test: timeout=600
"""

import csv
import datetime
import json
import os
import pathlib
import random
import urllib.request

from support.cases import Cases
from support.serving import serving
from support.trained import refusal, run, run_json

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
CUSTOMERS = 700
WANTED = 14
TASKS = ["engagement_score", "churn_risk_30d", "ltv_180d"]
TRAITS = {"gender", "age_band", "region"}


def history(name, *more):
    """A folder with a simulated platform of 300 days."""
    files = TMP / f"{name}-generated"
    run("generate", "--pack", "engagement", "--customers", CUSTOMERS, "--seed", 4, "--out", files,
        *more)
    run("import", *sorted(files.glob("events-*.parquet")), "--pack", "engagement", "--data",
        TMP / name, "--json")
    return TMP / name


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_rows(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def model_of(task, name):
    return next(model for model in task["models"] if model["name"] == name)


def judged(cases, folder):
    report = TMP / "report"
    told = run_json("model", "train", "--data", folder, "--folds", "both", "--select", WANTED,
                    "--report", report)
    score, churn, worth = (next(t for t in told["tasks"] if t["task"] == name) for name in TASKS)
    with cases.case("the near tasks are judged by later weeks, the far one by customers"):
        assert score["split"].startswith("time") and churn["split"].startswith("time"), told
        assert worth["split"] == "customer_folds", worth["split"]
        for task in (score, churn):
            assert 0 < task["n_judged"] < task["n"] / 5, task
    with cases.case("fourteen features are chosen, what that costs is told, and trees score"):
        for task in (score, churn, worth):
            chosen = task["selection"]
            assert len(set(chosen["names"])) == WANTED, chosen["names"]
            sizes = [point["features"] for point in chosen["curve"]]
            assert sizes == sorted(sizes, reverse=True), sizes
            assert sizes[0] == 72 and WANTED in sizes and sizes[-1] == 1, sizes
            scores = {point["features"]: point["score"] for point in chosen["curve"]}
            assert abs(scores[72] - scores[WANTED] - chosen["loss"]) < 1e-9, chosen
            assert chosen["best_alone"] and chosen["best_alone_score"] < scores[72], chosen
            assert task is worth or task["champion"] == "xgboost", task["champion"]
        assert model_of(score, "xgboost")["r2"] > 0.6, score["models"]
        assert model_of(churn, "xgboost")["roc_auc"] > 0.85, churn["models"]
    with cases.case("what is spent is foreseen beside MBG/NBD with gamma-gamma"):
        beside = model_of(worth, "mbg_nbd_gamma_gamma")
        assert set(beside["amounts"]) == {"p", "q", "gamma"}, beside
        assert set(beside["parameters"]) == {"r", "alpha", "a", "b"}, beside
        assert beside["customers"] > 50, beside
        assert {"xgboost", "mean"} < {model["name"] for model in worth["models"]}, worth
        for task in (score, churn):
            assert "mbg_nbd_gamma_gamma" not in {model["name"] for model in task["models"]}
    with cases.case("every task is compared by every protected trait, with numbers"):
        pairs = {(of["task"], of["trait"]) for of in told["fairness"]}
        assert pairs == {(task, trait) for task in TASKS for trait in TRAITS}, pairs
        for of in told["fairness"]:
            words = of["verdict"]
            assert "bias-free" not in words and "unbiased" not in words, words
            assert of["enough_data"] or "not enough data" in words, words
            for group in of["groups"]:
                assert group["rows"] >= group["customers"] > 0, group
                if group["customers"] < 200:
                    assert group["selection_rate"] is None, group
    with cases.case("the page of the report has both"):
        page = (report / "index.html").read_text(encoding="utf-8")
        for words in ("Features chosen", 'id="fairness"', "MBG/NBD with gamma-gamma"):
            assert words in page, words
    return told


def told_by_the_server(cases, folder, told):
    """What the Models screen reads is what the command said."""
    with cases.case("the API has the selection and the groups of the version"), \
            serving(folder) as base:
        version = told["model_version"]
        with urllib.request.urlopen(f"{base}/api/v1/models/{version}/evaluation") as answer:
            evaluation = json.load(answer)["evaluation"]
        assert evaluation["fairness"] == told["fairness"], evaluation["fairness"]
        for ours, theirs in zip(told["tasks"], evaluation["tasks"], strict=True):
            assert theirs["selection"] == ours["selection"], (theirs, ours)


def few_features(cases, folder, names):
    with cases.case("the model's figure hangs on the chosen features alone"):
        features = TMP / "features.csv"
        run("features", "--data", folder, "--out", features)
        rows = rows_of(features)
        kept = {"customer_id", "as_of", "coverage", *names}
        blank = [{key: value if key in kept else "" for key, value in row.items()}
                 for row in rows]
        for name, table in (("whole", rows), ("blank", blank)):
            write_rows(TMP / f"{name}.csv", table)
            run("score", "--in", TMP / f"{name}.csv", "--out", TMP / f"{name}-scored.csv",
                "--data", folder)
        whole, fewer = (rows_of(TMP / f"{name}-scored.csv") for name in ("whole", "blank"))
        scored = 0
        for one, other in zip(whole, fewer, strict=True):
            if not one["engagement_score"] or not other["engagement_score"]:
                continue
            scored += 1
            assert one["engagement_score"] == other["engagement_score"], (one, other)
        assert scored > CUSTOMERS / 4, scored


def shuffled(cases, folder):
    """Whether what is told is learnt: the days that a customer is active in the next 28, by SQL,
    beside the features of before; then the same figures dealt out to others."""
    [end] = run_json("sql", "select max(event_time)::date as day from events", "--data", folder)
    since = datetime.date.fromisoformat(end["day"]) - datetime.timedelta(days=28)
    features = TMP / "before.csv"
    run("features", "--data", folder, "--at", f"{since}T00:00:00Z", "--out",
        features)
    later = {row["customer_id"]: row["days"] for row in run_json(
        "sql", "select customer_id, count(distinct event_time::date) as days from events where "
        f"event_time >= '{since}' group by 1", "--data", folder)}
    rows = [{**row, "active_days": later.get(row["customer_id"], 0)} for row in rows_of(features)]
    dealt = [row["active_days"] for row in rows]
    random.Random(5).shuffle(dealt)
    r2 = {}
    for name, days in (("true", None), ("dealt", dealt)):
        table = [{**row, "active_days": days[i] if days else row["active_days"]}
                 for i, row in enumerate(rows)]
        [task] = run_json("model", "train", "--table", write_rows(TMP / f"{name}.csv", table),
                          "--target", "active_days", "--id", "customer_id", "--drop", "as_of",
                          "--data", TMP / f"table-{name}")["tasks"]
        r2[name] = {model["name"]: model["r2"] for model in task["models"]}
        r2[name]["champion"] = model_of(task, task["champion"])["r2"]
    with cases.case("shuffled labels are not learnt, true ones are"):
        assert r2["true"]["champion"] > 0.5, r2
        assert max(r2["dealt"].values()) < 0.03 and r2["dealt"]["champion"] > -0.03, r2


def leaks(cases):
    rng = random.Random(8)
    rows = []
    for i in range(600):
        visits = rng.randrange(30)
        spent = 20 + 3 * visits + rng.gauss(0, 15)
        rows.append({"id": f"c{i}", "visits": visits, "country": rng.choice(["NL", "DE"]),
                     "invoiced": round(spent * 1.21 + rng.gauss(0, 0.2), 2),
                     "spent": round(spent, 2)})
    table = write_rows(TMP / "leak.csv", rows)
    words = ("model", "train", "--table", table, "--target", "spent", "--id", "id", "--data",
             TMP / "tables")
    with cases.case("a column made of the target is refused by name; without it all is well"):
        status, said = refusal(*words)
        assert status == 5 and "invoiced tells spent" in said, (status, said)
        assert "visits" not in said, said
        told = run_json(*words, "--drop", "invoiced")
        [task] = told["tasks"]
        best = model_of(task, task["champion"])
        assert 0.5 < best["r2"] < 0.9, best


def main():
    cases = Cases()
    folder = history("fair")
    told = judged(cases, folder)
    score = next(task for task in told["tasks"] if task["task"] == "engagement_score")
    few_features(cases, folder, score["selection"]["names"])
    told_by_the_server(cases, folder, told)
    shuffled(cases, folder)
    leaks(cases)
    with cases.case("nonsense is refused with words"):
        for words in (("--folds", "week"), ("--select", "0")):
            status, _ = refusal("model", "evaluate", "--data", folder, *words)
            assert status in (1, 2), (words, status)
    cases.finish()


main()

"""Tables: a model from a table alone, judged on 5 folds, is no worse than the best peer.

Peers, folds and populations are those of each data set's README.

tideline-test: timeout=1500
"""

import csv
import io
import json
import pathlib

from support.cases import Cases, Skip
from support.oracle import program
from support.real import DATA

SLACK_AUC, SLACK_BRIER = 0.01, 0.005

# Name: (file, n, rate, target, further words, best peer's AUC, best peer's Brier score).
TABLES = {
    "telco": ("telco-churn/Telco-Customer-Churn.csv", 7_043, 0.265, "Churn",
              ["--drop", "customerID"], 0.845, 0.1353),
    "mlc": ("mlc-churn/mlc_churn.csv", 5_000, 0.141, "churn", [], 0.917, 0.0369),
    "saas": ("saas-churn/churn.csv", 2_000, 0.466, "churned", ["--drop", "months_active"],
             0.922, 0.1106),
    "drivers": ("marketplace-drivers/ola_driver_scaler.csv", 16_006, 0.174, "leaves",
                ["--id", "Driver_ID"], 0.829, 0.110),
}

# Month-first where that is a date, else day-first, as the data set's README says.
PANEL = """
with panel as (
  select * exclude (LastWorkingDate, Dateofjoining, "MMM-YY"),
         strptime("MMM-YY", '%m-%d-%Y')::date as month,
         coalesce(try_strptime(Dateofjoining, '%m-%d-%Y'),
                  try_strptime(Dateofjoining, '%d-%m-%Y'))::date as joined,
         LastWorkingDate is not null as leaving
  from read_csv('{file}', all_varchar = true, normalize_names = false)
), seen as (
  select *, "Total Business Value"::double as value, "Quarterly Rating"::int as rating,
         "Income"::double as pay
  from panel
), told as (
  select *,
         lag(value, 1) over w as value_1, lag(value, 2) over w as value_2,
         avg(value) over last3 as value_mean,
         count(*) filter (value = 0) over last3 as months_without,
         rating - lag(rating) over w as rating_change,
         pay > first_value(pay) over w as income_risen,
         row_number() over w as months_seen,
         date_diff('day', joined, month) as tenure,
         exists (select 1 from seen later where later.Driver_ID = seen.Driver_ID
                 and later.leaving and later.month > seen.month
                 and later.month <= seen.month + interval 2 month) as leaves
  from seen
  window w as (partition by Driver_ID order by month),
         last3 as (partition by Driver_ID order by month rows 2 preceding)
)
select Driver_ID, Age::double as age, Gender as gender, Education_Level as education,
       pay as income, "Joining Designation"::int as joining_grade, Grade::int as grade, value,
       value_1, value_2, value_mean, months_without, rating, rating_change, tenure, months_seen,
       income_risen, leaves
from told where not leaving and month <= date '2020-10-01'
order by Driver_ID::int, month
"""


def file_of(name, path):
    """The table to learn from: the set's own file, or what a SELECT makes of it."""
    if name != "drivers":
        return path
    program("keys", "create", "test", "--data", "sql", "--pack", "marketplace")
    made = pathlib.Path("drivers.csv")
    made.write_text(program("sql", PANEL.format(file=path), "--data", "sql", "--csv"),
                    encoding="utf-8")
    return made


def champion_of(task):
    return next(m for m in task["models"] if m["name"] == task["champion"])


def check_predictions(path, task):
    """The file holds each judged row once, and says what the report says."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == task["n"], (len(rows), task["n"])
    brier = sum((float(row["p"]) - float(row["label"])) ** 2 for row in rows) / len(rows)
    assert abs(brier - champion_of(task)["brier"]) < 1e-9, brier
    return rows


def check_score(path, words, n):
    """The kept model scores the same table; every row gets a figure."""
    told = json.loads(program("score", "--in", path, "--out", "scores.csv", *words, "--json"))
    assert (told["rows"], told["scored"]) == (n, n), told
    rows = list(csv.DictReader(io.StringIO(
        pathlib.Path("scores.csv").read_text(encoding="utf-8"))))
    assert len(rows) == n, len(rows)


def check(name):
    source, n, rate, target, words, peer_auc, peer_brier = TABLES[name]
    path = DATA / source
    if not path.is_file():
        raise Skip(f"there is no {path}")
    table = file_of(name, path)
    folder = f"{name}-models"
    report = json.loads(program("model", "train", "--table", table, "--target", target, *words,
                                "--data", folder, "--out", f"{name}-held-out.csv", "--json"))
    [task] = report["tasks"]
    best = champion_of(task)
    for model in task["models"]:
        print(f"{name:8} n {task['n']:6} {model['name']:10} AUC {model['roc_auc']:.4f}  "
              f"Brier {model['brier']:.4f}  log loss {model['log_loss']:.4f}"
              f"{'  <- champion' if model is best else ''}", flush=True)
    for warning in task["warnings"]:
        print(f"{name:8} warning {warning['code']}: {warning['message']}", flush=True)
    assert task["n"] == n, f"n {task['n']} instead of {n}"
    assert abs(task["rate"] - rate) < 0.0006, task["rate"]
    assert (task["kind"], task["split"]) == ("probability", "customer_folds"), task["split"]
    check_predictions(f"{name}-held-out.csv", task)
    check_score(table, ["--data", folder], n)
    assert best["roc_auc"] >= peer_auc - SLACK_AUC, best["roc_auc"]
    assert best["brier"] <= peer_brier + SLACK_BRIER, best["brier"]


def main():
    cases = Cases()
    for name in TABLES:
        with cases.case(f"{name}: the champion is no worse than the best peer"):
            check(name)
    cases.finish()


if __name__ == "__main__":
    main()

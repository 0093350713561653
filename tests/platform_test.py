"""The simulated platform through the program: figures, truth against labels, the way to a page.

tideline-test: timeout=300
"""

import csv
import json
import os
import pathlib
import subprocess

from support.cases import Cases

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
TASKS = ["engagement_score", "churn_risk_30d", "ltv_180d"]


def run(*words, expect=0):
    result = subprocess.run([os.environ["TIDELINE_BIN"], *map(str, words)], capture_output=True,
                            text=True, check=False)
    assert result.returncode == expect, f"{words}: status {result.returncode}: {result.stderr}"
    return result.stdout


def query(folder, sql):
    return list(csv.DictReader(run("sql", sql, "--csv", "--data", folder).splitlines()))


def main():
    cases = Cases()
    history, folder = TMP / "history", TMP / "folder"
    with cases.case("generate prints each figure with its definition beside the target"):
        made = json.loads(run("generate", "--pack", "engagement", "--customers", 400, "--days",
                              240, "--seed", 3, "--truth", "--out", history, "--json"))
        targets = {f["name"]: f["target"] for f in made["figures"] if f["target"]}
        assert targets == {"engagement": 0.37, "high_share": 0.08, "churn_30d": 0.492,
                           "premium": 0.2, "revenue": 126}, targets
        assert all(figure["definition"] for figure in made["figures"])
        manifest = json.loads((history / "manifest.json").read_text())
        assert manifest["pack"] == "engagement" and manifest["events"] == made["events"]
        assert [f["name"] for f in manifest["figures"]] == [f["name"] for f in made["figures"]]
    with cases.case("targets that no platform has are refused"):
        run("generate", "--pack", "engagement", "--customers", 10, "--churn", 0.95, "--out",
            TMP / "none", expect=2)
    with cases.case("its history is imported without a dead letter"):
        counted = json.loads(run("import", *sorted(history.glob("events-*.parquet")), "--pack",
                                 "engagement", "--data", folder, "--json"))
        assert counted["applied"] == made["events"], counted
    with cases.case("the labels are what the simulator counted"):
        out = TMP / "rows.csv"
        report = json.loads(run("model", "evaluate", "--data", folder, "--at",
                                "2025-12-02T00:00:00Z", "--folds", "customer", "--out", out,
                                "--json"))
        assert [task["task"] for task in report["tasks"]] == TASKS
        labels = {(row["id"], row["task"]): float(row["label"])
                  for row in csv.DictReader(out.open())}
        truth = query(folder, "select customer, engagement, churned from "
                              f"'{history}/truth.parquet' where engagement is not null")
        compared = 0
        for row in truth:
            label = labels.get((row["customer"], "engagement_score"))
            if label is None:
                continue
            compared += 1
            assert abs(label - float(row["engagement"])) < 1e-9, (row, label)
            assert labels[row["customer"], "churn_risk_30d"] == float(row["churned"]), row
        assert compared > 350, compared
    with cases.case("a model of the pack's three tasks scores everybody, dormant ones too"):
        run("model", "train", "--data", folder, "--json")
        scored = TMP / "scored.csv"
        run("score", "--data", folder, "--at", "2026-01-01T00:00:00Z", "--out", scored)
        rows = list(csv.DictReader(scored.open()))
        assert set(TASKS) <= set(rows[0]), rows[0]
        tiers = {row["tier"] for row in rows}
        assert tiers <= {"high", "medium", "low", ""}, tiers
        assert sum(row["tier"] != "" for row in rows) > 250, len(rows)
    with cases.case("predict answers with the pack's keys"):
        answer = json.loads(run("predict", rows[0]["customer_id"], "--data", folder, "--json"))
        assert [p["task"] for p in answer["predictions"]] == TASKS, answer
    cases.finish()


main()

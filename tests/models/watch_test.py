"""Predictions meet what happened: a folder is scored, half a season of events more comes in, and
the realised metrics are there; a model too old learns anew by itself, and the gate is told.

tideline-test: timeout=900
"""

import os
import pathlib

from support.cases import Cases
from support.server import Server
from support.trained import generated, run, run_json, scored_rows
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
CUT = "2026-01-01"
CUSTOMERS = 500
SETTINGS = {"model.upkeep_s": 1, "score.interval_s": 1, "model.retrain_days": 0}


def import_part(folder, files, condition):
    """The events of the files that the condition keeps."""
    part = TMP / "part.toml"
    part.write_text('description = "A part of the history"\npack = "marketplace"\n'
                    f'select = """SELECT * FROM history WHERE {condition}"""\n'
                    '[files.history]\nmatch = ["events-*.parquet"]\n')
    run("import", *files, "--map", part, "--pack", "marketplace", "--data", folder, "--json")


def evaluation(server, version="v1"):
    return server.get(f"/api/v1/models/{version}/evaluation").json()


def main():
    cases = Cases()
    folder = TMP / "folder"
    files = generated(TMP / "generated", customers=CUSTOMERS, days=300, end="2026-03-15")
    import_part(folder, files, f"time < TIMESTAMP '{CUT}'")
    run("model", "train", "--data", folder, "--json")
    with Server(folder, settings=SETTINGS) as server:
        before = {row["customer_id"]: row for row in scored_rows(server)}
        wait_for(lambda: evaluation(server)["drift"], 20)
        assert evaluation(server)["realised"] is None, "labels before their time"
        server.stop()
    import_part(folder, files, f"time >= TIMESTAMP '{CUT}'")
    with Server(folder, settings=SETTINGS) as server:
        realised = wait_for(lambda: evaluation(server)["realised"], 120)
        server.stop()
    found = {(entry["task"], entry["group"]): entry for entry in realised["tasks"]}
    with cases.case("every prediction that was made met its label"):
        churn = found["churn_risk_14d", "all"]
        assert churn["n"] == len(before), (churn["n"], len(before))
        mean = sum(row["churn_risk_14d"] for row in before.values()) / len(before)
        assert abs(churn["predicted"] - mean) < 1e-9, (churn["predicted"], mean)
    with cases.case("the metrics are those of a prediction worth something"):
        assert churn["roc_auc"] > 0.6 and churn["brier"] < 0.25, churn
        assert abs(churn["predicted"] - churn["realised"]) < 0.15, churn
    with cases.case("the labels are those that evaluation takes"):
        report = run_json("model", "evaluate", "--data", folder, "--at", f"{CUT}T00:00:00Z",
                          "--where", "scorable and not lapsed", "--folds", "customer")
        task = next(t for t in report["tasks"] if t["task"] == "churn_risk_14d")
        assert task["n"] == churn["n"], (task["n"], churn["n"])
        assert abs(task["rate"] - churn["realised"]) < 1e-9, (task["rate"], churn["realised"])
    with cases.case("per tier and for the holdout alone"):
        tiers = [entry["n"] for (task, group), entry in found.items()
                 if task == "churn_risk_14d" and group not in ("all", "holdout")]
        assert sum(tiers) == churn["n"], tiers
        assert 0 < found["churn_risk_14d", "holdout"]["n"] < churn["n"] / 4
    with cases.case("a model too old learns anew, and the gate decides"):
        with Server(folder, settings={**SETTINGS, "model.retrain_days": 7}) as server:
            models = wait_for(
                lambda: (lambda data: data if len(data) == 2 else None)(
                    server.get("/api/v1/models").json()["data"]), 300)
            server.stop()
        assert sum(model["active"] for model in models) == 1, models
        log = pathlib.Path(server.log).read_text()
        assert ("a new model took over" in log) or ("stays a candidate" in log), log[-800:]
    cases.finish()


main()

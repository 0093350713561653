"""`tideline score`: tables and the lake in, CSV and Parquet out, wrong tables refused with words.

tideline-test: timeout=300
"""

import csv
import json
import os
import pathlib

from support.cases import Cases
from support.server import Server
from support.trained import refusal, run, run_json, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
TASKS = ["first_session_success", "session_velocity", "churn_risk_14d", "churn_risk_30d",
         "health_score"]
COLUMNS = ["customer_id", "as_of", *TASKS, "tier", "status", "reason", "model_version"]


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figures(cells):
    return [float(cell) if cell else None for cell in cells]


def write_rows(path, rows, columns):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


class Scoring:
    """A folder with a model, its table of features, and the scores of that table."""

    def __init__(self, folder):
        self.folder = folder
        self.features = TMP / "features.csv"
        run("features", "--data", folder, "--out", self.features)
        self.table = rows_of(self.features)
        assert len(self.table) > 50, len(self.table)
        self.out = TMP / "scores.csv"
        self.told = run_json("score", "--in", self.features, "--out", self.out, "--data", folder)
        self.scores = rows_of(self.out)

    def score(self, *words):
        run("score", *words, "--data", self.folder)

    def refused(self, *words):
        """What is said of a run that must fail and leave nothing behind."""
        status, said = refusal("score", *words, "--data", self.folder)
        assert status in (1, 2), (status, said)
        assert not list(TMP.glob("x.*")), "something was left behind"
        return said


def tables(cases, own):
    """Tables of features in, the same figures as everywhere out."""
    with cases.case("a table of features: ids and times kept, the figures of the model"):
        assert own.told["rows"] == own.told["scored"] == len(own.table), own.told
        assert list(own.scores[0]) == COLUMNS, list(own.scores[0])
        assert [(r["customer_id"], r["as_of"]) for r in own.scores] == \
            [(r["customer_id"], r["as_of"]) for r in own.table]
        assert {r["model_version"] for r in own.scores} == {"marketplace-health-v1"}
    with cases.case("every row's figures are those of /invocations"):
        with Server(own.folder) as server:
            names = [n for n in own.table[0] if n not in ("customer_id", "as_of", "coverage")]
            body = "".join(",".join(row[name] for name in names) + "\n" for row in own.table)
            answer = server.post("/invocations", body.encode(), headers={"Accept": "text/csv"})
            assert answer.status == 200, answer
            for line, row in zip(answer.body.decode().splitlines(), own.scores, strict=True):
                # Empty in both: the recency rule cannot tell where the days are not known.
                assert figures(line.split(",")) == figures(row[t] for t in TASKS), row
            own.score("--in", own.features, "--out", TMP / "again.csv")
            assert (TMP / "again.csv").read_bytes() == own.out.read_bytes(), "it differs"
            server.stop()
    with cases.case("columns in another order, and more of them: the same"):
        shuffled = write_rows(TMP / "shuffled.csv", [{**row, "extra": "x"} for row in own.table],
                              ["extra", *reversed(list(own.table[0]))])
        own.score("--in", shuffled, "--out", TMP / "b.csv")
        assert (TMP / "b.csv").read_bytes() == own.out.read_bytes()
    with cases.case("Parquet in and out: the same"):
        run("features", "--data", own.folder, "--format", "parquet", "--at",
            own.table[0]["as_of"], "--out", TMP / "f.parquet")
        own.score("--in", TMP / "f.parquet", "--out", TMP / "c.csv")
        key = lambda row: row["customer_id"]
        wanted = sorted(own.scores, key=key)
        assert sorted(rows_of(TMP / "c.csv"), key=key) == wanted
        own.score("--in", TMP / "f.parquet", "--out", TMP / "d.parquet")
        query = f"select * from read_parquet('{TMP / 'd.parquet'}') order by customer_id"
        read = json.loads(run("sql", query, "--data", own.folder, "--json"))
        for got, row in zip(read, wanted, strict=True):
            assert list(got) == COLUMNS and got["health_score"] == float(row["health_score"])
    with cases.case("the parts together hold every row once"):
        parts = []
        for part in (1, 2, 3):
            own.score("--in", own.features, "--part", f"{part}/3", "--out", TMP / "p.csv")
            some = rows_of(TMP / "p.csv")
            assert 0 < len(some) < len(own.table), len(some)
            parts += some
        assert sorted(parts, key=key) == wanted


def lake(cases, own):
    with cases.case("the lake now and at a time: who is not scored says why"):
        own.score("--out", TMP / "now.csv")
        now = {row["customer_id"]: row for row in rows_of(TMP / "now.csv")}
        own.score("--at", own.table[0]["as_of"], "--out", TMP / "at.csv")
        assert {row["customer_id"]: row for row in rows_of(TMP / "at.csv")} == now
        assert set(now) == {row["customer_id"] for row in own.scores}
        assert {row["status"] for row in now.values()} == {"scored", "unscored"}
        for row in now.values():
            if row["status"] == "unscored":
                assert row["reason"] in ("lapsed", "not_eligible", "not_enough_data"), row
                assert not row["tier"] and not any(row[t] for t in TASKS), row
            else:
                assert row["tier"] and all(row[t] for t in TASKS), row


def refusals(cases, own):
    columns = list(own.table[0])
    with cases.case("a column that lacks is named, and what is near"):
        typo = [("total_" + c if c == columns[3] else c) for c in columns]
        renamed = [{**row, "total_" + columns[3]: row[columns[3]]} for row in own.table]
        write_rows(TMP / "typo.csv", renamed, typo)
        words = own.refused("--in", TMP / "typo.csv", "--out", TMP / "x.csv")
        assert f"no column {columns[3]}" in words, words
    with cases.case("a cell that is no number is named"):
        wrong = [dict(row) for row in own.table[:3]]
        wrong[1][columns[4]] = "many"
        write_rows(TMP / "wrong.csv", wrong, columns)
        words = own.refused("--in", TMP / "wrong.csv", "--out", TMP / "x.csv")
        assert f'row 2, column {columns[4]}: "many" is no number' in words, words
    with cases.case("so is all else that cannot be"):
        for arguments, said in (((TMP / "none.csv", "--out", TMP / "x.csv"), "no file"),
                                ((own.features, "--out", TMP / "x.txt"), ".csv or .parquet"),
                                ((own.features, "--out", TMP / "x.csv", "--part", "4/3"), "I/N"),
                                ((own.features, "--out", TMP / "x.csv", "--model", "v9"),
                                 "no model version v9")):
            words = own.refused("--in", *arguments)
            assert said in words, words


def main():
    cases = Cases()
    own = Scoring(trained_folder(TMP / "folder", customers=500, days=240))
    tables(cases, own)
    lake(cases, own)
    refusals(cases, own)
    cases.finish()


main()

"""Any table: a model from a table alone, its report, and scoring another table with it.

tideline-test: timeout=900
"""

import csv
import gzip
import html.parser
import json
import os
import pathlib
import random
import subprocess

from support.cases import Cases
from support.oracle import program

SEED = 20_261
ROWS = 700


def customers(seed, rows):
    """Rows of a made-up business: who visits little and pays monthly leaves more often."""
    rng = random.Random(seed)
    for i in range(rows):
        visits = rng.randrange(0, 30)
        plan = rng.choice(["monthly", "monthly", "yearly"])
        risk = 0.75 - 0.022 * visits + (0.15 if plan == "monthly" else -0.1)
        yield {"customer": f"c-{i:05}", "Visits a month": visits, "plan": plan,
               "spent": "" if rng.random() < 0.1 else f"{rng.uniform(5, 90):.2f}",
               "since": f"20{rng.randrange(18, 24)}-0{rng.randrange(1, 10)}-15",
               "news": rng.choice(["Yes", "No"]), "country": "NL",
               "Left us?": "Yes" if rng.random() < risk else "No"}


def write_table(path, rows, delimiter=","):
    rows = list(rows)
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def train(table, folder, *words):
    return json.loads(program("model", "train", "--table", table, "--target", "Left us?",
                              "--data", folder, "--json", *words))


def refused(*words):
    """Exit status and message of a command that must fail."""
    done = subprocess.run([os.environ["TIDELINE_BIN"], *words], capture_output=True, text=True,
                          check=False)
    assert done.returncode != 0, done.stdout
    return done.returncode, done.stderr


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check_training(table):
    report = train(table, "shop", "--id", "customer", "--out", "held-out.csv", "--report",
                   "report")
    [task] = report["tasks"]
    assert report["model_version"] == "table-left_us-v1", report["model_version"]
    assert (task["task"], task["kind"], task["n"]) == ("Left us?", "probability", ROWS), task
    assert task["split"] == "customer_folds", task["split"]
    names = [model["name"] for model in task["models"]]
    assert names == ["network", "xgboost", "logistic", "base_rate"], names
    assert [w["code"] for w in task["warnings"]] == ["dropped_constants"], task["warnings"]
    best = next(m for m in task["models"] if m["name"] == task["champion"])
    assert best["roc_auc"] > 0.65, best
    held_out = rows_of("held-out.csv")
    assert len({row["id"] for row in held_out}) == len(held_out) == ROWS
    assert list(held_out[0]) == ["id", "task", "label", "p"], held_out[0]


def check_scoring():
    fresh = write_table("fresh.csv.gz", customers(SEED + 1, 50), ";")
    told = json.loads(program("score", "--in", fresh, "--out", "fresh-scores.csv", "--data",
                              "shop", "--model", "table-left_us", "--json"))
    assert (told["rows"], told["scored"]) == (50, 50), told
    rows = rows_of("fresh-scores.csv")
    assert all(0 <= float(row["Left us?"]) <= 1 for row in rows), rows[0]
    assert rows[0]["customer_id"] == "c-00000" and rows[0]["status"] == "scored", rows[0]
    program("score", "--in", fresh, "--out", "all.csv", "--data", "shop")
    assert rows_of("all.csv") == rows
    for part in ("1/3", "2/3", "3/3"):
        program("score", "--in", fresh, "--out", f"part-{part[0]}.csv", "--data", "shop",
                "--part", part)
    parts = [row for part in "123" for row in rows_of(f"part-{part}.csv")]
    assert sorted(r["customer_id"] for r in parts) == sorted(r["customer_id"] for r in rows)


def check_unknown(table):
    """Unknown values, missing cells, unreadable cells and another order of columns all score."""
    rows = [{"plan": "lifetime", "spent": "", "Visits a month": "often", "since": "",
             "news": "perhaps", "customer": "x", "extra": "1"}]
    told = json.loads(program("score", "--in", write_table("odd.csv", rows), "--out",
                              "odd-out.csv", "--data", "shop", "--json"))
    assert told["scored"] == 1, told
    assert len(told["warnings"]) == 2, told["warnings"]
    del rows[0]["plan"]
    rows[0]["Plan"] = "monthly"
    status, message = refused("score", "--in", write_table("odd.csv", rows), "--out", "x.csv",
                              "--data", "shop")
    assert status == 1 and 'did you mean "Plan"?' in message, message
    assert not pathlib.Path("x.csv").exists()
    status, message = refused("model", "train", "--table", table, "--target", "Left", "--data",
                              "shop")
    assert status == 1 and 'no column "Left"' in message, message
    status, message = refused("model", "train", "--table", table, "--target", "Left us?",
                              "--data", "shop", "--out", f"./{table}")
    assert status == 2 and "the table itself" in message, message
    status, message = refused("model", "train", "--table", table, "--data", "shop")
    assert status == 2, message


def check_time_and_number(table):
    """With a time column later rows judge earlier ones; a number is a task of its own kind."""
    report = json.loads(program("model", "train", "--table", table, "--target", "spent", "--id",
                                "customer", "--time", "since", "--drop", "country", "news",
                                "--data", "shop", "--out", "later.csv", "--json"))
    [task] = report["tasks"]
    assert task["kind"] == "number" and task["split"].startswith("time"), task["split"]
    assert [w["code"] for w in task["warnings"]] == ["missing_target"], task["warnings"]
    assert 500 < task["n"] < ROWS and task["n_judged"] < task["n"], task["n"]
    rows = rows_of("later.csv")
    assert list(rows[0]) == ["id", "as_of", "task", "label", "p"], rows[0]
    first = min(row["as_of"] for row in rows)
    assert first > "2021", first
    program("score", "--in", table, "--out", "later.csv", "--data", "shop", "--model",
            "table-spent")
    rows = rows_of("later.csv")
    since = {row["customer"]: row["since"] for row in rows_of(table)}
    assert all(row["as_of"][:10] == since[row["customer_id"]] for row in rows), rows[0]
    status, message = refused("score", "--in", table, "--out", "x.csv", "--data", "shop")
    assert status == 2 and "name one model" in message, message


def check_copies():
    """Copies of rows under other ids, a little blurred, are told; coarse tables alone are not."""
    rng = random.Random(SEED)
    rows = [{**row, **{f"use {k}": f"{rng.gauss(0, 1):.4f}" for k in range(4)}}
            for row in customers(SEED, ROWS)]
    for row in rows[:60]:
        rows.append({**row, "customer": "x-" + row["customer"],
                     "use 0": str(float(row["use 0"]) + 0.0002)})
    report = train(write_table("copies.csv", rows), "copies", "--id", "customer")
    [warning] = [w for w in report["tasks"][0]["warnings"] if w["code"] == "near_duplicates"]
    assert 80 <= int(warning["message"].split()[0]) <= 120, warning


def check_same_bytes(table):
    for folder in ("one", "two"):
        train(table, folder, "--seed", "5")
    first, second = (sorted(pathlib.Path(f, "models/table-left_us/v1").iterdir())
                     for f in ("one", "two"))
    assert [p.name for p in first] == [p.name for p in second]
    for a, b in zip(first, second):
        assert a.read_bytes() == b.read_bytes(), a.name


def check_damage():
    model = pathlib.Path("shop/models/table-left_us/v1/table.json")
    whole = model.read_bytes()
    model.write_bytes(whole.replace(b"monthly", b"montlhy"))
    status, message = refused("score", "--in", "fresh.csv.gz", "--out", "x.csv", "--data", "shop",
                              "--model", "table-left_us")
    model.write_bytes(whole)
    assert status == 1 and "damaged" in message, message
    listed = program("model", "list", "--data", "shop")
    assert "table-left_us-v1" in listed, listed


def check_beside_pack(table):
    """A folder that has a pack keeps models of tables too, and never serves them."""
    program("keys", "create", "test", "--data", "both", "--pack", "commerce")
    train(table, "both")
    told = json.loads(program("score", "--in", table, "--out", "both.csv", "--data", "both",
                              "--model", "table-left_us-v1", "--json"))
    assert told["scored"] == ROWS, told
    status, message = refused("model", "promote", "table-left_us-v1", "--data", "both")
    assert status == 5, message


class Page(html.parser.HTMLParser):
    """What of a page must hold without a reader."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.tags = [], [], {}
        self.void = {"meta", "path", "line", "circle", "rect", "br"}

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        found = dict(attrs)
        assert "src" not in found and "onload" not in found, tag
        assert not found.get("href", "#").startswith("http"), found
        if "id" in found:
            self.ids.append(found["id"])
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.void.add(tag)
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag


def check_page():
    text = pathlib.Path("report/index.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not page.open, page.open
    assert len(page.ids) == len(set(page.ids)), page.ids
    assert "script" not in page.tags and "link" not in page.tags, page.tags
    assert page.tags["figure"] == 6 == page.tags["details"], page.tags
    assert page.tags["figure"] == page.tags["desc"], page.tags
    assert "nan" not in text.lower().replace("nancy", "") and ">inf" not in text
    assert "Left us?" in text and "Boosted trees" in text
    told = json.loads(pathlib.Path("report/evaluation.json").read_text(encoding="utf-8"))
    assert told["tasks"][0]["n"] == ROWS, told["tasks"][0]["n"]


def main():
    print(f"seed {SEED}")
    cases = Cases()
    table = write_table("customers.csv", customers(SEED, ROWS))
    with cases.case("tables: a folder with nothing but tables trains without a pack"):
        check_training(table)
    with cases.case("tables: the model scores another table, whole and in parts"):
        check_scoring()
    with cases.case("tables: unknown values score; missing columns are refused by name"):
        check_unknown(table)
    with cases.case("tables: a time column splits by time, a number is predicted as one"):
        check_time_and_number(table)
    with cases.case("tables: near copies of rows raise their warning"):
        check_copies()
    with cases.case("tables: the same table and seed give the same bytes"):
        check_same_bytes(table)
    with cases.case("tables: a damaged encoding is refused"):
        check_damage()
    with cases.case("tables: a folder with a pack keeps them beside its own model"):
        check_beside_pack(table)
    with cases.case("tables: the report is one page that needs nothing else"):
        check_page()
    cases.finish()


if __name__ == "__main__":
    main()

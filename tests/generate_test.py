"""`generate`: the same bytes for a seed, and disturbed traffic that `import` accounts for exactly.

tideline-test: timeout=180
"""

import hashlib
import json
import os
import pathlib
import subprocess

from support.cases import Cases

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SHARES = ("--late-share", "0.03", "--duplicate-share", "0.02", "--malformed-share", "0.02")
COLUMNS = ["customer", "kind", "joined", "decline_cause", "decline_began", "left_at", "returned",
           "departures", "leave_cause", "satisfaction", "activity", "leave_hazard",
           "leave_probability_30d", "events"]


def run(*words, expect=0):
    result = subprocess.run([os.environ["TIDELINE_BIN"], *map(str, words)], capture_output=True,
                            text=True, check=False)
    assert result.returncode == expect, f"{words}: status {result.returncode}: {result.stderr}"
    return result.stdout


def generate(name, *more):
    out = TMP / name
    words = ("generate", "--customers", 150, "--days", 90, "--out", out, "--truth", "--json")
    return out, json.loads(run(*words, *more))


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()}


def main():
    cases = Cases()
    with cases.case("the same seed, the same bytes; another seed, others"):
        one, other, third = (generate(name, "--seed", seed, *SHARES)[0]
                             for name, seed in (("one", 7), ("other", 7), ("third", 8)))
        names = {"events-000.parquet", "manifest.json", "truth.parquet"}
        assert set(digests(one)) == names, digests(one)
        assert digests(one) == digests(other)
        assert all(digests(one)[name] != digests(third)[name] for name in names)
    with cases.case("late, duplicate and malformed rows are imported as what they are"):
        folder, made = generate("rough", "--seed", 3, *SHARES)
        counted = json.loads(run("import", folder / "events-000.parquet", "--data", TMP / "data",
                                 "--pack", "marketplace", "--json", expect=3))
        assert counted["received"] == made["sent"], (counted, made)
        assert counted["late_applied"] == made["late"] > 50, (counted, made)
        assert counted["duplicate"] == made["duplicates"] > 50, (counted, made)
        assert counted["codes"] == made["malformed"], (counted, made)
        assert counted["dead_lettered"] == sum(made["malformed"].values()) > 50
        assert counted["applied"] == counted["received"] - sum(
            counted[fate] for fate in ("late_applied", "duplicate", "dead_lettered"))
        manifest = json.loads((folder / "manifest.json").read_text())
        for name in ("late", "duplicates", "malformed"):
            assert manifest[name] == made[name], (manifest[name], made)
    with cases.case("nothing is disturbed unless asked for"):
        _, made = generate("clean", "--seed", 3)
        assert made["late"] == made["duplicates"] == sum(made["malformed"].values()) == 0, made
        assert made["sent"] == made["events"], made
    with cases.case("the truth has its columns"):
        query = (f"select column_name from (describe select * from "
                 f"read_parquet('{TMP}/one/truth.parquet'))")
        names = [row["column_name"] for row in
                 json.loads(run("sql", query, "--data", TMP / "data", "--json"))]
        assert names == COLUMNS, names
        query = (f"select count(*) as n, count(distinct kind) as kinds, "
                 f"count(decline_began) as began, "
                 f"count(*) filter ((decline_cause = 'none') <> (decline_began is null)) "
                 f"as wrong, "
                 f"count(*) filter (left_at is not null and leave_cause = 'none') as unknown "
                 f"from read_parquet('{TMP}/one/truth.parquet')")
        [row] = json.loads(run("sql", query, "--data", TMP / "data", "--json"))
        assert row["n"] == 150 and row["kinds"] == 5, row
        assert row["began"] > 20 and row["wrong"] == 0 and row["unknown"] == 0, row
    with cases.case("impossible shares are refused"):
        run("generate", "--out", TMP / "none", "--late-share", "0.7", "--malformed-share", "0.7",
            expect=2)
        run("generate", "--out", TMP / "none", "--late-share", "-0.1", expect=2)
    cases.finish()


main()

"""`tideline score` into a folder: parts that say what they are, runs that go on, shares of the
work, and the server's own schedule.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import time

from support.cases import Cases
from support.server import Server
from support.trained import refusal, run, run_json, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
REFUSED = 5  # exit status


def parts_of(out):
    return sorted(out.rglob("*.parquet"))


def rows_of(own, files):
    """Rows without the two columns that the folders' names give, by customer."""
    names = ", ".join(f"'{file}'" for file in files)
    query = (f"select * from read_parquet([{names}], hive_partitioning = false) "
             "order by customer_id")
    return json.loads(run("sql", query, "--data", own, "--json"))


def without_times(rows):
    return [{name: value for name, value in row.items() if name != "as_of"} for row in rows]


def tables(cases, own):
    features = []
    for share in (1, 2):
        features.append(TMP / f"features-{share}.parquet")
        run("features", "--data", own, "--format", "parquet", "--out", features[-1])
    whole, out = TMP / "whole.parquet", TMP / "scores"
    run("score", "--in", features[0], "--out", whole, "--data", own)
    wanted = rows_of(own, [whole])
    with cases.case("a part a table, in folders that name model and features"):
        told = run_json("score", "--in", *features, "--out", out, "--data", own)
        assert told["parts"] == 2 and told["parts_found"] == 0, told
        assert told["rows"] == told["scored"] == 2 * len(wanted), told
        files = parts_of(out)
        assert [file.name for file in files] == ["part-00001-of-00002.parquet",
                                                 "part-00002-of-00002.parquet"], files
        above = files[0].parent
        assert above.name.startswith("feature_hash=") and len(above.name) == 13 + 32, above
        assert above.parent.name == "model_version=marketplace-health-v1", above
        for file in files:
            assert rows_of(own, [file]) == wanted, file
    with cases.case("a run that was ended goes on with what is missing"):
        kept = files[1].read_bytes()
        files[0].unlink()
        told = run_json("score", "--in", *features, "--out", out, "--data", own)
        assert (told["parts"], told["parts_found"]) == (1, 1), told
        assert told["rows"] == len(wanted), told
        assert rows_of(own, [files[0]]) == wanted and files[1].read_bytes() == kept
    with cases.case("another input does not go among them"):
        status, said = refusal("score", "--in", features[0], "--out", out, "--data", own)
        assert status == REFUSED and "something else" in said, (status, said)
    with cases.case("several runners share the parts"):
        shared = TMP / "shared"
        for share in ("1/2", "2/2"):
            told = run_json("score", "--in", *features, "--out", shared, "--part", share, "--data",
                            own)
            assert told["parts"] == 1, told
        assert [file.name for file in parts_of(shared)] == [file.name for file in files]
    with cases.case("a bad table leaves no part behind"):
        (TMP / "bad.csv").write_text("customer_id,days\nann,1\n")
        status, said = refusal("score", "--in", TMP / "bad.csv", "--out", TMP / "bad", "--data",
                               own)
        assert status in (1, 2) and "no column" in said, (status, said)
        assert not parts_of(TMP / "bad")
    with cases.case("--at and a folder do not go together"):
        status, said = refusal("score", "--at", "2026-01-01T00:00:00Z", "--out", TMP / "at",
                               "--data", own)
        assert status == 2 and "--at" in said, (status, said)


def customers(cases, own):
    now, out = TMP / "now.parquet", TMP / "now"
    run("score", "--out", now, "--data", own)
    wanted = without_times(rows_of(own, [now]))
    with cases.case("all customers as of now"):
        told = run_json("score", "--out", out, "--data", own)
        assert told["rows"] == len(wanted), (told, len(wanted))
        assert without_times(rows_of(own, parts_of(out))) == wanted
    with cases.case("again: nothing is left to do"):
        told = run_json("score", "--out", out, "--data", own)
        assert (told["parts"], told["parts_found"], told["rows"]) == (0, 1, 0), told
    with cases.case("runners share them by their ids"):
        shared = TMP / "now-shared"
        counts = [run_json("score", "--out", shared, "--part", f"{i}/3", "--data", own)["rows"]
                  for i in (1, 2, 3)]
        assert all(counts) and sum(counts) == len(wanted), counts
        assert without_times(rows_of(own, parts_of(shared))) == wanted


def schedule(cases, own):
    with cases.case("a server scores all of them on schedule"):
        with Server(own, settings={"model.batch_days": 1, "model.upkeep_s": 1}) as server:
            until = time.monotonic() + 30
            while not parts_of(own / "scores") and time.monotonic() < until:
                time.sleep(0.2)
            server.stop()
        files = parts_of(own / "scores")
        assert len(files) == 1, files
        day = files[0].parts[files[0].parts.index("scores") + 1]
        assert day == "as_of=" + time.strftime("%Y-%m-%d", time.gmtime()), day
        assert len(rows_of(own, files)) > 50


def main():
    cases = Cases()
    own = trained_folder(TMP / "folder", customers=300, days=200)
    tables(cases, own)
    customers(cases, own)
    schedule(cases, own)
    cases.finish()


main()

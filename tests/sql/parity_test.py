"""The same totals by the shell, by HTTP, and by @duckdb/node-api on the lake and on the snapshot.

tideline-test: timeout=200
"""

import json
import os
import pathlib
import subprocess

import folder
from support.cases import Cases, Skip
from support.server import Server

HERE = pathlib.Path(__file__).parent
QUERIES = [
    "select count(*)::varchar as n from events",
    "select event, count(*)::varchar as n, count(distinct customer_id)::varchar as c from events "
    "group by event order by event",
    "select strftime(event_time, '%Y-%m') as m, count(*)::varchar as n, "
    "sum(shard)::varchar as s from events group by 1 order by 1",
    "select md5(string_agg(message_id, ',' order by message_id)) as h from events",
    "select count(*)::varchar as n, sum(events)::varchar as e, "
    "sum(qualifying_events)::varchar as q, sum(eligible::int)::varchar as g from customers",
    "select count(*)::varchar as n, round(sum(coverage), 6)::varchar as c from features",
    "select count(*)::varchar as n from predictions",
    "select count(*)::varchar as n from tier_changes",
    "select code, count(*)::varchar as n from dead_letters group by code order by code",
    "select count(*)::varchar as n from actions",
]


def by_node(database, setup):
    """Rows of every query, by an engine of somebody else's."""
    words = ["node", str(HERE / "totals.mjs"), database, setup, *QUERIES]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


def by_shell(data):
    """One shell for all queries, its answers being JSON one after the other."""
    text = folder.run("sql", "--json", "--data", data, stdin=";\n".join(QUERIES) + ";\n")
    decoder, answers, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        answer, end = decoder.raw_decode(text, at)
        answers.append([list(row.values()) for row in answer])
        at = end + 1
    return answers


def by_http(data):
    with Server(data, settings={"score.interval_s": 86_400}) as server:
        answers = [folder.rows(server, query) for query in QUERIES]
        server.stop()
        return answers


def main():
    cases = Cases()
    here = pathlib.Path(os.environ["TIDELINE_TMP"])
    here.chmod(0o755)
    data = str(here / "folder")
    folder.filled(data)
    bad = here / "bad.ndjson"
    bad.write_text('{"type":"track","event":"x"}\nno json\n')
    folder.run("import", str(bad), "--data", data, expect=3)
    expected = by_shell(data)
    with cases.case("the shell answers all"):
        assert len(expected) == len(QUERIES) and int(expected[0][0][0]) > 1_000, expected[0]
        assert expected[8], "no dead letters"
    with cases.case("one command a query answers the same"):
        for query, wanted in zip(QUERIES, expected):
            rows = json.loads(folder.run("sql", query, "--json", "--data", data))
            assert [list(row.values()) for row in rows] == wanted, query
    has_node = os.environ.get("TIDELINE_NODE_MODULES")
    with cases.case("@duckdb/node-api on the lake, by the statements of `lake ddl`"):
        if not has_node:
            raise Skip("no @duckdb/node-api")
        ddl = here / "lake.sql"
        ddl.write_text(folder.run("lake", "ddl", "--dialect", "duckdb", "--data", data))
        assert by_node(":memory:", str(ddl)) == expected
    with cases.case("@duckdb/node-api on the snapshot"):
        if not has_node:
            raise Skip("no @duckdb/node-api")
        out = str(here / "copy.duckdb")
        told = json.loads(folder.run("snapshot", "--out", out, "--data", data, "--json"))
        assert told["rows"]["events"] == int(expected[0][0][0]), told
        assert by_node(out, "-") == expected
        assert not list(here.glob("copy.duckdb.*")), list(here.glob("copy.duckdb.*"))
    with cases.case("the API, after a server came and scored"):
        answers = by_http(data)
        for query, wanted, answer in zip(QUERIES, expected, answers):
            if "predictions" in query or "tier_changes" in query or "actions" in query:
                continue  # the server has scored since
            assert answer == wanted, query
    with cases.case("the statements for other engines name every column of the views"):
        for dialect in ["athena", "trino", "spark"]:
            text = folder.run("lake", "ddl", "--dialect", dialect, "--location", "s3://b/lake",
                              "--data", data)
            for word in ["customer_id", "event_time", "churn_risk_14d", "s3://b/lake/events/",
                         "dead_letters", "dt"]:
                assert word in text, (dialect, word)
    cases.finish()


main()

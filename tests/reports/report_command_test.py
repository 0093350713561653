"""`tideline report` and /api/v1/reports over folders of the program's own packs.

tideline-test: timeout=300
"""

import json
import math
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

from support.cases import Cases
from support.serving import serving
from support.waiting import wait_for

BIN = os.environ["TIDELINE_BIN"]
PAGES = {"engagement": 7, "cost": 7, "architecture": 8}
END = "2026-01-01T00:00:00Z"


def run(*words, ok=True, **env):
    result = subprocess.run([BIN, *map(str, words)], capture_output=True, check=False,
                            env={**os.environ, **env})
    assert not ok or result.returncode == 0, f"{words}: {result.stderr.decode()}"
    return result


def made(folder, pack, customers, days):
    events = f"{folder}-events"
    run("generate", "--pack", pack, "--customers", customers, "--days", days, "--end",
        "2026-01-01", "--seed", "7", "--out", events)
    files = sorted(map(str, pathlib.Path(events).glob("events-*.parquet")))
    run("import", *files, "--pack", pack, "--data", folder, "--json")


def report(folder, out, *words, **env):
    return json.loads(run("report", "all", "--out", out, "--data", folder, "--json", *words,
                          **env).stdout)


def read(base, path):
    with urllib.request.urlopen(base + path, timeout=120) as answer:
        return answer.headers, answer.read()


def status_of(base, path):
    try:
        with urllib.request.urlopen(base + path, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def rows_of(folder, query):
    answer = json.loads(run("sql", query, "--json", "--data", folder).stdout)
    rows = answer["rows"] if isinstance(answer, dict) else answer
    return [list(row.values()) if isinstance(row, dict) else list(row) for row in rows]


def number(value):
    return None if value is None else float(value)


def same(ours, theirs):
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def check_query(folder, figure):
    again = rows_of(folder, figure["query"])
    assert len(again) == len(figure["rows"]), f"{figure['id']}: {len(again)} rows"
    for ours, theirs in zip(figure["rows"], again):
        first = 0 if ours["name"] is None else 1
        if first:
            assert ours["name"] == theirs[0], (figure["id"], ours, theirs)
        values = [number(value) for value in theirs[first:]]
        assert all(map(same, ours["values"], values)), (figure["id"], ours, theirs)


def nothing_yet():
    run("import", "none.ndjson", "--pack", "learning", "--data", "empty", ok=False)
    drawn = report("empty", "out-empty")
    assert [one["pages"] for one in drawn["reports"]] == [7, 7, 8], drawn


cases = Cases()
made("shop", "marketplace", 120, 120)
with cases.case("7, 7 and 8 pages, from the command line"):
    drawn = report("shop", "out-1")
    for one in drawn["reports"]:
        assert one["pages"] == PAGES[one["report"]], one
        assert pathlib.Path(one["file"]).read_bytes().startswith(b"%PDF-1."), one
        assert one["bytes"] == pathlib.Path(one["file"]).stat().st_size
with cases.case("the same data and SOURCE_DATE_EPOCH give the same bytes"):
    report("shop", "out-2", SOURCE_DATE_EPOCH="1700000000")
    report("shop", "out-3", SOURCE_DATE_EPOCH="1700000000")
    report("shop", "out-4", SOURCE_DATE_EPOCH="1700086400")
    for name in PAGES:
        files = [pathlib.Path(f"out-{i}/{name}.pdf") for i in (2, 3, 4)]
        first, second, other = (file.read_bytes() for file in files)
        assert first == second, name
        assert first != other, name
with cases.case("as of a time, on Letter"):
    drawn = report("shop", "out-5", "--at", "2025-12-01", "--paper", "letter")
    assert drawn["as_of"] == "2025-12-01T00:00:00.000Z", drawn["as_of"]
with cases.case("what is wrong is said"):
    assert run("report", "money", "--out", "x", "--data", "shop", ok=False).returncode == 2
    assert run("report", "all", "--out", "x", "--at", "soon", "--data", "shop",
               ok=False).returncode in (1, 2)
    pathlib.Path("shop/initiative.toml").write_text("title = 'T'\nbugdet = 3\n")
    wrong = run("report", "engagement", "--out", "x", "--data", "shop", ok=False)
    assert wrong.returncode != 0 and b"initiative.toml:2" in wrong.stderr, wrong.stderr
    pathlib.Path("shop/initiative.toml").unlink()
with cases.case("a folder without events has all its pages"):
    pathlib.Path("none.ndjson").write_text("")
    nothing_yet()
run("model", "train", "--data", "shop")
with serving("shop") as base:
    wait_for(lambda: json.loads(read(base, "/api/v1/overview")[1])["money_at_risk"], 60)
    with cases.case("every query in SQL gives its figures again"):
        checked = 0
        for name in PAGES:
            figures = json.loads(read(base, f"/api/v1/reports/{name}")[1])["figures"]
            assert [one["number"] for one in figures] == list(range(1, len(figures) + 1)), name
            for figure in figures:
                assert figure["query"] and figure["period"] and figure["population"], figure
                if figure["kind"] == "sql":
                    check_query("shop", figure)
                    checked += 1
        assert checked >= 10, checked
    with cases.case("every address is one of the API's"):
        figures = json.loads(read(base, "/api/v1/reports/engagement")[1])["figures"]
        for figure in figures:
            if figure["kind"] == "api":
                path = figure["query"].removeprefix("GET ").split(":")[0]
                assert status_of(base, path) == 200, path
    with cases.case("the file by HTTP is the file of the command"):
        headers, body = read(base, f"/api/v1/reports/architecture?format=pdf&at={END}")
        assert headers["content-type"] == "application/pdf", headers
        assert body.startswith(b"%PDF-1.") and b"%%EOF" in body[-16:], len(body)
        again = read(base, f"/api/v1/reports/engagement?format=pdf&at={END}")[1]
        assert again == read(base, f"/api/v1/reports/engagement?format=pdf&at={END}")[1]
    with cases.case("kept in the folder where asked"):
        request = urllib.request.Request(f"{base}/api/v1/reports/cost", data=b'{"paper":"letter"}',
                                         headers={"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            kept = json.loads(answer.read())
        path = pathlib.Path("shop") / kept["file"]
        assert path.stat().st_size == kept["kept"]["bytes"], kept
        listed = json.loads(read(base, "/api/v1/reports")[1])["data"]
        assert [one["kept"] is not None for one in listed] == [False, True, False], listed
    with cases.case("wrong requests are refused"):
        assert status_of(base, "/api/v1/reports/nothing") == 404
        for wrong in ("paper=a5", "at=soon", "format=doc", "colour=red"):
            assert status_of(base, f"/api/v1/reports/cost?{wrong}") == 400, wrong
os.environ["TIDELINE_REPORT__EVERY_DAYS"] = "7"
with serving("shop"):
    with cases.case("drawn on schedule and kept"):
        kept = [pathlib.Path(f"shop/reports/{name}.pdf") for name in PAGES]
        wait_for(lambda: all(path.exists() for path in kept), 60)
        assert all(path.read_bytes().startswith(b"%PDF-1.") for path in kept)
        kept[0].unlink()
with serving("shop") as base:
    with cases.case("not again before its time"):
        for _ in range(3):  # takes its turn behind whatever the schedule draws
            read(base, f"/api/v1/reports/engagement?format=pdf&at={END}")
        assert not kept[0].exists()
cases.finish()

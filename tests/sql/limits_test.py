"""POST /api/v1/sql: its answers, its formats, its limits; killed workers; saved queries.

tideline-test: timeout=300
"""

import concurrent.futures
import json
import os
import pathlib
import signal
import threading
import time

import folder
from support.cases import Cases
from support.server import Server

KILLS = 50
SLOW = "select sum(sin(range)) from range(1000000000000)"


def workers(server):
    """Ids of the processes that wait for a query or run one."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(words[1]) == server.process.pid and words[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def answers(cases, server, events):
    with cases.case("columns with types, rows, count, as of"):
        answer = folder.ask(server, "select count(*) as n, 'x' as t, 1.5::decimal(4,2) as d, null "
                                    "as z, true as b, timestamp '2026-01-02' as at from events")
        assert answer.status == 200, answer
        said = answer.json()
        assert said["rows"] == [[events, "x", 1.5, None, True, "2026-01-02T00:00:00.000Z"]], said
        assert [c["type"] for c in said["columns"]] == [
            "BIGINT", "VARCHAR", "DECIMAL(4,2)", "INTEGER", "BOOLEAN", "TIMESTAMP"], said
        assert said["row_count"] == 1 and said["truncated"] is False and said["as_of"], said
        assert said["elapsed_ms"] > 0, said
    with cases.case("every view, also one without files"):
        listed = server.get("/api/v1/sql/tables").json()["data"]
        assert len(listed) == 7, listed
        for table in listed:
            found = folder.ask(server, f"select * from {table['name']} limit 1").json()
            names = [column["name"] for column in found["columns"]]
            wanted = [column["name"] for column in table["columns"]]
            assert names[:len(wanted)] == wanted, (table["name"], names)
    with cases.case("parameters"):
        found = folder.rows(server, "select $1::varchar, $2 + 1, $3 is null",
                            parameters=["it's", 41, None])
        assert found == [["it's", 42, True]], found
        missing = folder.ask(server, "select $1, $2", parameters=[1])
        assert (missing.status, missing.json()["code"]) == (400, "bad_parameter"), missing
    with cases.case("DESCRIBE, SHOW, SUMMARIZE and EXPLAIN of a query"):
        for statement in ["describe events", "show tables", "summarize select 1 as x",
                          "explain select count(*) from events", "from events limit 1",
                          "explain analyze select 1", "with a as (select 1) select * from a"]:
            assert folder.ask(server, statement).status == 200, statement
    with cases.case("an error has its place"):
        answer = folder.ask(server, "select 1,\n  customr from events")
        said = answer.json()
        assert (answer.status, said["code"]) == (400, "sql_error"), answer
        assert said["detail"].endswith("(line 2, column 3)"), said
        assert "customer_id" in said["detail"], said
    with cases.case("what is no SELECT is refused"):
        for statement in ["create table t (x int)", "set threads = 1", "attach 'x' as y"]:
            answer = folder.ask(server, statement)
            assert answer.status in (400, 403), (statement, answer)
        assert folder.ask(server, "create table t (x int)").json()["code"] == "select_only"


def formats(cases, server, events):
    with cases.case("CSV"):
        query = "select 1 as a, 'x,y' as b union all select 2, null order by 1"
        answer = folder.ask(server, query, format="csv")
        assert answer.body == b'a,b\n1,"x,y"\n2,\n', answer
        assert answer.headers["content-type"].startswith("text/csv"), answer
        assert answer.headers["x-row-count"] == "2", answer
    with cases.case("Parquet, read again by the program"):
        answer = folder.ask(server, "select * from events", format="parquet")
        assert answer.body[:4] == b"PAR1" and answer.body[-4:] == b"PAR1", answer.body[:20]
        pathlib.Path("answer.parquet").write_bytes(answer.body)
        place = pathlib.Path("answer.parquet").resolve()
        read = server.sql(f"select count(*) as n from read_parquet('{place}')")
        assert read[0]["n"] == events, read


def limits(cases, server):
    with cases.case("limit cuts the rows and says so"):
        said = folder.ask(server, "select * from events", limit=10).json()
        assert said["row_count"] == len(said["rows"]) == 10 and said["truncated"], said
        said = folder.ask(server, "select * from events limit 10", limit=10).json()
        assert said["row_count"] == 10 and not said["truncated"]
    with cases.case("rows and bytes of the settings"):
        said = folder.ask(server, "select * from range(1000000)").json()
        assert said["row_count"] == 5_000 and said["truncated"], said["row_count"]
        said = folder.ask(server, "select repeat('x', 100000) from range(1000)").json()
        assert 1 <= said["row_count"] < 30 and said["truncated"], said["row_count"]
    with cases.case("time"):
        begun = time.monotonic()
        answer = folder.ask(server, SLOW)
        assert (answer.status, answer.json()["code"]) == (504, "sql_timeout"), answer
        assert time.monotonic() - begun < 12
    with cases.case("memory"):
        answer = folder.ask(server, "select list(range) from range(500000000)")
        assert answer.status in (400, 504), answer
        assert answer.json()["code"] in ("sql_memory_limit", "sql_timeout"), answer
    with cases.case("bodies that are no query"):
        for body, code in [(b"{", "malformed_json"), (b"[]", "bad_parameter"),
                           (b"{}", "bad_parameter"), (b'{"query":1}', "bad_parameter"),
                           (b'{"query":"select 1","limit":0}', "bad_parameter"),
                           (b'{"query":"select 1","parameters":[[1]]}', "bad_parameter"),
                           (b'{"query":"select 1","format":"xml"}', "bad_parameter"),
                           (b'{"query":"select 1","other":1}', "bad_parameter")]:
            answer = server.post("/api/v1/sql", body)
            assert (answer.status, answer.json()["code"]) == (400, code), (body, answer)
        long = folder.ask(server, "select '" + "x" * 200_000 + "'")
        assert long.status == 413, long
    with cases.case("more at once than it takes: 429"):
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            asked = [pool.submit(folder.ask, server, SLOW, id=f"many-{i}") for i in range(24)]
            statuses = []
            while not all(future.done() for future in asked):
                for i in range(24):
                    server.request("DELETE", f"/api/v1/sql/many-{i}")
                time.sleep(0.1)
            statuses = [future.result().status for future in asked]
        assert 429 in statuses and set(statuses) <= {409, 429, 503, 504}, statuses


def cancel(cases, server):
    with cases.case("a query is cancelled by its id"):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(folder.ask, server, SLOW, id="mine")
            while server.request("DELETE", "/api/v1/sql/mine").status != 200:
                assert not running.done(), running.result()
                time.sleep(0.02)
            answer = running.result()
        assert (answer.status, answer.json()["code"]) == (409, "sql_cancelled"), answer
        assert server.request("DELETE", "/api/v1/sql/mine").status == 404


def kills(cases, server, events):
    """Workers are killed, waiting and running; the server goes on."""
    with cases.case(f"{KILLS} kills of workers"):
        killed, answered, stop = 0, [], threading.Event()

        def ask_on():
            while not stop.is_set():
                query = "select count(*) from events a, range(200) b"
                answered.append(folder.ask(server, query, stale=True).status)

        asking = threading.Thread(target=ask_on)
        asking.start()
        deadline = time.monotonic() + 120
        while killed < KILLS and time.monotonic() < deadline:
            for worker in workers(server):
                try:
                    os.kill(worker, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        stop.set()
        asking.join()
        assert killed >= KILLS, f"{killed} killed"
        assert set(answered) <= {200, 503}, set(answered)
        assert server.is_alive()
        assert folder.rows(server, "select count(*) from events") == [[events]]
        assert server.get("/readyz").status == 200
    with cases.case("no process is left of those that ended"):
        left = [stat for stat in pathlib.Path("/proc").glob("[0-9]*/stat")
                if parent_and_state(stat) == (server.process.pid, "Z")]
        assert not left, left


def parent_and_state(stat):
    try:
        words = stat.read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return int(words[1]), words[0]


def saved(cases, server):
    with cases.case("saved queries: made, listed, changed, removed"):
        made = server.post("/api/v1/queries", {"name": "Events", "query": "select 1"}).json()
        path = f"/api/v1/queries/{made['id']}"
        assert server.get("/api/v1/queries").json()["data"] == [made]
        body = json.dumps({"name": "All events", "query": "select 2"}).encode()
        assert server.request("PUT", path, body).json()["query"] == "select 2"
        assert server.request("PUT", path + "x", body).status == 404
        assert server.request("DELETE", path).status == 200
        assert server.get("/api/v1/queries").json()["data"] == []
        assert server.post("/api/v1/queries", {"name": "", "query": "x"}).status == 400


def fresh(cases, server):
    with cases.case("what was just taken in is in the answer; with stale it may not be"):
        key = server.new_key("late")
        before = folder.rows(server, "select count(*) from events")[0][0]
        event = {"type": "track", "event": "Session Booked", "userId": "new", "messageId": "fresh",
                 "properties": {}}
        server.verdicts([event], key)
        assert folder.rows(server, "select count(*) from events", stale=True) == [[before]]
        assert folder.rows(server, "select count(*) from events") == [[before + 1]]


def main():
    cases = Cases()
    here = pathlib.Path(os.environ["TIDELINE_TMP"])
    here.chmod(0o755)
    data = str(here / "folder")
    events = folder.filled(data)
    settings = {"sql.time_max_s": 2, "sql.memory_bytes": 128 << 20, "sql.rows_max": 5_000,
                "sql.answer_bytes_max": 2 << 20, "lake.flush_s": 60}
    with Server(data, settings={**settings, "sql.rows_max": 100_000,
                                "sql.answer_bytes_max": 64 << 20, "sql.time_max_s": 20}) as server:
        answers(cases, server, events)
        formats(cases, server, events)
        kills(cases, server, events)
        saved(cases, server)
        fresh(cases, server)
        server.stop()
    with Server(data, settings=settings) as server:
        limits(cases, server)
        cancel(cases, server)
        with cases.case("no process outlives the server"):
            left = workers(server)
            server.stop()
            deadline = time.monotonic() + 20
            while any(pathlib.Path(f"/proc/{pid}").exists() for pid in left):
                assert time.monotonic() < deadline, left
                time.sleep(0.05)
    cases.finish()


main()

"""Actions over HTTP and the command line: a whole life, two people at once, restarts, the holdout,
what was measured a lapse period later, and tiers set by hand.

tideline-test: timeout=900
"""

import csv
import datetime
import io
import json
import os
import pathlib
import shutil
import subprocess

from support.cases import Cases
from support.server import Server
from support.trained import run, scored_rows, trained_folder
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
END = datetime.date(2026, 6, 1)  # of the history: the folder's now, as nothing comes in live
HELD_HALF = {"actions.holdout_share": "0.5", "lake.flush_s": "1"}
HELD_NONE = {**HELD_HALF, "actions.holdout_share": "0"}
SOON_S = 120

cases = Cases()


def settled(server):
    """Scored at least once, and told by the inbox."""
    scored_rows(server)
    return wait_for(lambda: listed(server), SOON_S)


def listed(server, query=""):
    """Every action of a query, page by page."""
    rows, cursor = [], ""
    while True:
        answer = server.get(f"/api/v1/actions?limit=200&{query}&cursor={cursor}").json()
        rows += answer["data"]
        cursor = answer["next_cursor"]
        if not cursor:
            return rows


def step(server, action, name, **body):
    return server.post(f"/api/v1/actions/{action['id']}/{name}", body)


def command(server, *words, expect=(0,)):
    return server.run("actions", *words, expect=expect)


def customers_of(server):
    rows = server.get("/api/v1/customers?limit=1000").json()["data"]
    return [row["customer_id"] for row in rows]


def seen_anywhere(server):
    """Customers of whom any door tells an action."""
    seen = {row["customer_id"] for row in listed(server, "status=any")}
    for customer in customers_of(server):
        own = server.get(f"/api/v1/customers/{customer}/actions").json()["data"]
        shown = server.get(f"/api/v1/customers/{customer}").json()["recommended_actions"]
        if own or shown:
            seen.add(customer)
    words = ["list", "--status", "any", "--limit", "100000", "--json"]
    told = json.loads(command(server, *words))
    seen |= {row["customer_id"] for row in told["data"]}
    seen |= {row["customer_id"] for row in server.sql("select distinct customer_id from actions")}
    return seen


def check_list(server, rows):
    order = {"high": 0, "medium": 1, "low": 2}
    ranks = [order[row["priority"]] for row in rows]
    assert ranks == sorted(ranks), "the most urgent do not come first"
    high = listed(server, "priority=high")
    assert {row["id"] for row in high} == {row["id"] for row in rows if row["priority"] == "high"}
    one = rows[0]
    found = listed(server, f"q={one['customer_id'][1:]}&play={one['play']}")
    assert one["id"] in {row["id"] for row in found}
    tier = listed(server, f"tier={one['tier']}")
    assert one["id"] in {row["id"] for row in tier}
    assert all(row["tier"] == one["tier"] for row in tier)
    for bad in ("status=lost", "priority=huge", "tier=none", "sort=play", "cursor=abc", "x=1"):
        assert server.get(f"/api/v1/actions?{bad}").status == 400, bad
    counts = server.get("/api/v1/actions").json()["counts"]["open"]
    assert sum(counts.values()) == len(rows), (counts, len(rows))


def check_life(server, action):
    answer = step(server, action, "assign", owner="grace", version=action["version"])
    assert answer.status == 200 and answer.json()["owner"] == "grace", answer
    assert listed(server, "owner=grace")[0]["id"] == action["id"]
    until = (datetime.datetime.combine(END, datetime.time()) + datetime.timedelta(days=3))
    answer = step(server, action, "snooze", until=until.isoformat() + "Z")
    assert answer.json()["status"] == "snoozed", answer
    assert action["id"] not in {row["id"] for row in listed(server)}
    assert step(server, action, "snooze", until="2020-01-01").status == 400
    assert step(server, action, "reopen").json()["status"] == "open"
    assert step(server, action, "outcome", outcome="worked").status == 409
    assert step(server, action, "dismiss").json()["code"] == "missing_reason"
    answer = step(server, action, "done", outcome="no_answer", note="rang twice")
    assert answer.json()["outcome"] == "no_answer", answer
    answer = step(server, action, "outcome", outcome="worked", note="called back")
    after = answer.json()
    assert (after["status"], after["outcome"], after["note"]) == ("done", "worked", "called back")
    steps = [change["change"] for change in after["changes"]]
    assert steps == ["recommend", "assign", "snooze", "reopen", "done", "outcome"], steps
    assert step(server, {"id": "nothing"}, "done").status == 404
    assert step(server, action, "done", surprise=1).status == 400


def check_conflict(server, action):
    """Two people saw the same; the second is told, and the first one's work stays."""
    seen = action["version"]
    assert step(server, action, "assign", owner="ada", version=seen).status == 200
    answer = step(server, action, "dismiss", reason="gone", version=seen)
    assert (answer.status, answer.json()["code"]) == (409, "changed"), answer
    now = server.get(f"/api/v1/actions/{action['id']}").json()
    assert (now["owner"], now["status"]) == ("ada", "open"), now


def check_bulk(server, actions):
    body = {"change": "assign", "owner": "team",
            "actions": [{"id": row["id"], "version": row["version"]} for row in actions]}
    body["actions"].append({"id": "nothing"})
    results = server.post("/api/v1/actions/bulk", body).json()["results"]
    assert [result["code"] for result in results] == [None] * len(actions) + ["unknown_action"]
    assert len(listed(server, "owner=team")) == len(actions)
    body["actions"] = []
    assert server.post("/api/v1/actions/bulk", body).status == 400


def check_csv(server):
    answer = server.request("GET", "/api/v1/actions?status=any&limit=1000",
                            headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert {row["id"] for row in rows} == {row["id"] for row in listed(server, "status=any")}
    assert all(row["sentence"] for row in rows)
    hostile = listed(server)[-1]
    assert step(server, hostile, "assign", owner='=HYPERLINK("x")').status == 200
    answer = server.request("GET", "/api/v1/actions?limit=1000", headers={"Accept": "text/csv"})
    owners = {row["owner"] for row in csv.DictReader(io.StringIO(answer.body.decode()))}
    assert "'=HYPERLINK(\"x\")" in owners, owners


def check_commands(server, actions):
    first, second, third = (row["id"] for row in actions[:3])
    told = json.loads(command(server, "done", first, "--outcome", "worked", "--by", "ada",
                              "--json"))
    assert told["results"][0]["action"]["changes"][-1]["by"] == "ada", told
    command(server, "snooze", second, "--for", "7d")
    assert second.encode() in command(server, "list", "--status", "snoozed")
    command(server, "dismiss", third, "--reason", "left town")
    command(server, "assign", third, "--to", "ada", expect=(1,))
    command(server, "reopen", third, second)
    command(server, "outcome", first, "--outcome", "did_not", "--note", "no change")
    command(server, "done", first, second, expect=(3,))
    command(server, "done", "nothing", expect=(1,))
    command(server, "dismiss", third, expect=(2,))
    command(server, "snooze", third, "--until", "2020-01-01", expect=(2,))
    bad = subprocess.run([os.environ["TIDELINE_BIN"], "actions", "list", "--status", "lost"],
                         capture_output=True, check=False)
    assert bad.returncode == 2, bad


def check_override(server, customer):
    path = f"/api/v1/customers/{customer}/override"
    expires = (END + datetime.timedelta(days=10)).isoformat()
    own = server.get(f"/api/v1/customers/{customer}").json()["prediction"]["tier"]
    other = next(tier["tier"] for tier in server.get("/api/v1/tiers").json()["data"]
                 if tier["tier"] != own)
    for body, code in (({"tier": "lost", "reason": "x", "expires": expires}, "unknown_tier"),
                       ({"tier": other, "expires": expires}, "missing_reason"),
                       ({"tier": other, "reason": "x"}, "bad_expiry"),
                       ({"tier": other, "reason": "x", "expires": "2030-01-01"}, "bad_expiry")):
        answer = server.post(path, body)
        assert (answer.status, answer.json()["code"]) == (400, code), answer
    answer = server.post(path, {"tier": other, "reason": "she said so", "expires": expires})
    assert answer.status == 200, answer
    shown = server.get(f"/api/v1/customers/{customer}").json()["prediction"]
    assert (shown["tier"], shown["override"]["tier"]) == (own, other), shown
    rows = server.get("/api/v1/customers?limit=1000").json()["data"]
    assert [row["customer_id"] for row in rows if row["override"]] == [customer]
    assert len(server.get("/api/v1/overrides").json()["data"]) == 1
    assert server.post("/api/v1/customers/nobody/override",
                       {"tier": other, "reason": "x", "expires": expires}).status == 404
    return path, other


def check_override_ends(server, path):
    assert server.request("DELETE", path).json()["ended"]
    assert server.request("DELETE", path).status == 404
    assert server.get("/api/v1/overrides").json()["data"] == []


def check_loss(server):
    """Expected churn and money at risk are the sums that the list of customers comes to."""
    overview = server.get("/api/v1/overview").json()
    rows = server.get("/api/v1/customers?limit=1000").json()["data"]
    live = [row for row in rows if row["status"] == "scored" and not row["lapsed"]]
    churn = overview["expected_churn"]
    assert churn["of_customers"] == len(live), (churn, len(live))
    total = sum(row["churn_risk_30d"] for row in live)
    assert abs(churn["customers"] - total) < 1e-6 * max(1, total), (churn, total)
    paid = {row["customer_id"]: row["paid"] for row in server.sql(
        "select customer_id, sum(cast(properties->>'amount' as double)) / 3 as paid from events "
        "where event = 'Payment Succeeded' and coalesce(properties->>'currency', 'USD') = 'USD' "
        f"and event_time >= timestamp '{END}' - interval 90 days group by customer_id")}
    money = sum(row["churn_risk_30d"] * paid.get(row["customer_id"], 0) for row in live)
    risk = overview["money_at_risk"]
    assert risk["currency"] == "USD" and risk["as_of"] == churn["as_of"]
    assert abs(risk["amount_30d"] - money) < 1e-6 * max(1, money), (risk, money)


def check_flow(server):
    flow = server.get("/api/v1/tiers/flow?days=7").json()
    overview = server.get("/api/v1/overview").json()
    newest = flow["data"][-1]["customers"]
    for tier, customers in overview["tiers"].items():
        assert newest[tier] == customers, (newest, overview["tiers"])
    came = sum(move["customers"] for span in flow["data"] for move in span["moves"]
               if move["from"] == "new")
    assert came == overview["customers"], (came, overview["customers"])
    assert server.get("/api/v1/tiers/flow?days=0").status == 400
    assert server.get("/api/v1/tiers/flow?by=week").status == 400


def customers_due(folder):
    """Everybody for whom an action is due, told by a copy of the folder that holds nobody out."""
    copy = TMP / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.sock", "LOCK"))
    with Server(copy, settings=HELD_NONE) as server:
        scored_rows(server)
        return {row["customer_id"] for row in listed(server, "status=any")}


def import_later(server, retained):
    """35 days pass; only these customers came back."""
    lines = []
    for number, customer in enumerate(sorted(retained)):
        when = datetime.datetime.combine(END, datetime.time(12)) + datetime.timedelta(days=9)
        lines.append({"type": "track", "userId": customer, "event": "Session Completed",
                      "messageId": f"back-{number}", "timestamp": when.isoformat() + "Z"})
    last = datetime.datetime.combine(END, datetime.time(12)) + datetime.timedelta(days=35)
    lines.append({"type": "track", "userId": "somebody-else", "event": "Signed In",
                  "messageId": "last", "timestamp": last.isoformat() + "Z"})
    path = TMP / "later.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run("import", path, "--data", server.folder, "--json")


def check_measured(server, retained):
    rows = wait_for(lambda: [row for row in listed(server, "status=any") if row["measured"]],
                    SOON_S)
    told = {row["customer_id"]: row["measured"]["retained"] for row in rows}
    assert told, "nothing was measured"
    wrong = {customer for customer, came in told.items() if came != (customer in retained)}
    assert not wrong, f"{len(wrong)} of {len(told)} are told wrongly"
    effect = server.get("/api/v1/effect").json()["data"][0]
    assert effect["play"] is None and effect["enough"], effect
    kept = effect["differences"][0]
    assert kept["measure"] == "retained" and kept["treated"] == 1.0 and kept["low"] > 0, kept
    assert kept["holdout"] < 0.5, kept


def main():
    folder = trained_folder(TMP / "shop", customers=320, days=170, end=END.isoformat())
    server = Server(folder, settings=HELD_HALF)
    with server:
        settled(server)
        rows = listed(server)
        treated = {row["customer_id"] for row in rows}
        with cases.case("the inbox: order, filters, counts"):
            check_list(server, rows)
        with cases.case("not enough data is said so"):
            effect = server.get("/api/v1/effect").json()["data"][0]
            assert not effect["enough"] and effect["enough_at"], effect
            assert effect["treated_waiting"] > 0 and effect["holdout_waiting"] > 0, effect
        with cases.case("money at risk and expected churn"):
            check_loss(server)
        with cases.case("flow between tiers"):
            check_flow(server)
        seen = seen_anywhere(server)
        with cases.case("a whole life"):
            check_life(server, rows[0])
        with cases.case("two people at once"):
            check_conflict(server, rows[1])
        with cases.case("many at once"):
            check_bulk(server, rows[2:6])
        with cases.case("as CSV"):
            check_csv(server)
        with cases.case("on the command line"):
            check_commands(server, rows[6:9])
        with cases.case("a tier by hand"):
            hand, tier = check_override(server, rows[0]["customer_id"])
        before = {row["id"]: row for row in listed(server, "status=any")}
        server.kill()
        server.start()
        settled(server)
        with cases.case("a crash keeps everything that was answered"):
            after = {row["id"]: row for row in listed(server, "status=any")}
            for action, row in before.items():
                for member in ("status", "owner", "outcome", "note", "reason", "changes"):
                    assert after[action][member] == row[member], (row, after[action])
            assert server.get("/api/v1/overrides").json()["data"][0]["tier"] == tier
            check_override_ends(server, hand)
        with cases.case("every change is a row of the lake"):
            counted = {row["id"]: row["n"] for row in server.sql(
                "select id, count(*) as n from actions group by id")}
            wrong = {action for action, row in before.items()
                     if counted.get(action) != len(row["changes"])}
            assert not wrong, f"{len(wrong)} of {len(before)}"
        server.stop()
        with cases.case("the command line without a server"):
            told = json.loads(command(server, "list", "--json"))
            assert told["data"], told
        with cases.case("the holdout is told nowhere"):
            held = customers_due(server.folder) - treated
            assert held, "nobody was in the holdout"
            assert seen == treated, f"{len(seen & held)} of the holdout were told"
        import_later(server, treated)
        server.start()
        with cases.case("measured a lapse period later"):
            check_measured(server, treated)


main()
cases.finish()

"""Tiers and playbook as versions, over a server: preview, save, tiers that follow at once, a
restart, a replay, restoring, as-of, and `change` naming the cause.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import time

from support.cases import Cases
from support.server import Server
from support.trained import run_json, scored_rows, trained_folder
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SWITCH_S = 3


def tiers_of(server):
    rows = server.get("/api/v1/tiers").json()["data"]
    return {row["tier"]: row["customers"] for row in rows}


def drafted(server, limit):
    """The book in force with another border of churned: below `limit` points of health."""
    book = server.get("/api/v1/rules").json()["book"]
    book["tiers"][0]["rule"] = f"health_score < {limit} or churn_risk_14d > 0.7"
    return book


def post(server, path, body, expect=200):
    answer = server.post(path, body)
    assert answer.status == expect, f"{path}: {answer.status} {answer.body[:500]}"
    return answer.json()


def preview(server, book, of="tiers"):
    return post(server, "/api/v1/rules/preview", {"book": book, "of": [of]})[of]


def pure_tiers(rows, limit):
    """The tier rule written again: from shown figures to counts."""
    found = {"churned": 0, "thriving": 0, "healthy": 0, "at_risk": 0}
    for row in rows:
        health, churn = row["health_score"], row["churn_risk_14d"]
        tier = ("churned" if health < limit or churn > 0.7 else
                "thriving" if health > 70 and churn < 0.2 else
                "healthy" if health >= 50 and churn < 0.4 else "at_risk")
        found[tier] += 1
    return found


def previews(cases, server, rows, limit, book):
    with cases.case("a preview counts as the rule does, and saves nothing"):
        shown = preview(server, book)
        moved_to = {}
        for row in shown["matrix"]:
            for tier, customers in row["to"].items():
                moved_to[tier] = moved_to.get(tier, 0) + customers
        assert moved_to == pure_tiers(rows, limit), (moved_to, pure_tiers(rows, limit))
        assert shown["moved"] > len(rows) // 10, shown["moved"]
        assert preview(server, drafted(server, 30))["moved"] == 0
        assert server.get("/api/v1/rules").json()["version"] == 0
    with cases.case("plays are counted, and an example is filled in"):
        shown = preview(server, book, "plays")
        assert shown["looked_at"] == shown["customers"] == len(rows), shown
        assert len(shown["plays"]) == len(book["plays"])
        hit = [play for play in shown["plays"] if play["customers"]]
        assert hit and all(play["example"] for play in hit), shown
        assert all("{" not in play["example"] for play in hit), shown
    with cases.case("a mistake names its place and the nearest word"):
        wrong = json.loads(json.dumps(book))
        wrong["tiers"][2]["rule"] = "helth_score >= 50"
        told = post(server, "/api/v1/rules/preview", {"book": wrong})["mistakes"][0]
        assert told["place"] == "tiers[2].rule" and "health_score" in told["message"], told
        answer = server.post("/api/v1/rules", {"book": wrong, "based_on": 0})
        assert answer.status == 400 and "tiers[2].rule" in answer.json()["detail"], answer


def saves(cases, server, folder, rows, limit, book):
    wanted = pure_tiers(rows, limit)["churned"]
    with cases.case("a saved version moves the tiers at once"):
        began = time.monotonic()
        post(server, "/api/v1/rules", {"book": book, "note": "stricter", "based_on": 0})
        wait_for(lambda: tiers_of(server)["churned"] == wanted, SWITCH_S)
        print(f"tiers moved {time.monotonic() - began:.2f} s after the save")
        told = run_json("predict", rows[0]["customer_id"], "--data", folder)
        assert told["tier"] == server.get(
            f"/health?customer_id={rows[0]['customer_id']}").json()["tier"], told
    with cases.case("who edits an old version is told"):
        assert server.post("/api/v1/rules", {"book": book, "based_on": 0}).status == 409
    with cases.case("change names the settings as the cause"):
        row = next(r for r in rows
                   if limit > r["health_score"] >= 30 and r["churn_risk_14d"] <= 0.7)
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
        path = f"/api/v1/customers/{row['customer_id']}/change?from={row['timestamp']}&to={later}"
        told = server.get(path).json()
        assert (told["from"]["tier"], told["to"]["tier"]) == (row["tier"], "churned"), told
        assert told["tier_cause"] == "settings", told
        assert (told["from"]["rules_version"], told["to"]["rules_version"]) == (0, 1), told
        for task, parts in told["changes"].items():
            total = sum(parts[part] for part in
                        ("behaviour", "ageing", "model_version", "settings", "override"))
            assert abs(parts["to"] - parts["from"] - total) < 1e-9, (task, parts)
    with cases.case("it is in force after a kill and a restart"):
        server.kill()
        server.start()
        rules = server.get("/api/v1/rules").json()
        assert (rules["version"], rules["note"]) == (1, "stricter"), rules
        scored_rows(server)
        assert tiers_of(server)["churned"] == wanted, tiers_of(server)
    with cases.case("and after a replay"):
        server.run("replay")
        assert server.get("/api/v1/rules").json()["version"] == 1


def main():
    cases = Cases()
    folder = trained_folder(TMP / "folder", customers=400)
    server = Server(folder)
    server.start()
    rows = [row for row in scored_rows(server) if not row["lapsed"]]
    healths = sorted(row["health_score"] for row in rows)
    limit = round(healths[2 * len(healths) // 3])
    book = drafted(server, limit)
    previews(cases, server, rows, limit, book)
    saves(cases, server, folder, rows, limit, book)
    with cases.case("an earlier version is restored as a new one"):
        back = post(server, "/api/v1/rules/versions/0/restore", {"based_on": 1})
        assert (back["version"], back["restored_from"]) == (2, 0), back
        wait_for(lambda: tiers_of(server)["churned"] == pure_tiers(rows, 30)["churned"], SWITCH_S)
        listed = server.get("/api/v1/rules/versions").json()["data"]
        assert [v["version"] for v in listed] == [2, 1, 0], listed
        assert [v["in_force"] for v in listed] == [True, False, False], listed
    server.stop()
    with cases.case("where time stands still nothing is saved"):
        day = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime())
        with Server(folder, arguments=["--as-of", day]) as frozen:
            assert frozen.get("/api/v1/rules").json()["version"] == 0
            answer = frozen.post("/api/v1/rules", {"book": book, "based_on": 2})
            assert answer.status == 503 and answer.json()["code"] == "frozen", answer
    cases.finish()


main()

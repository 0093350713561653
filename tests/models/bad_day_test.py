"""A burst of bad experiences lowers a customer's score within a second; the drivers name them.

A folder of simulated customers up to today is trained and served. The best-off customer then has a
bad day over HTTP; the new figures, the drivers and how the change splits are read back.

tideline-test: timeout=600 serial
"""

import datetime
import json
import os
import pathlib
import subprocess
import time

from support.cases import Cases
from support.server import Server

BIN = os.environ["TIDELINE_BIN"]
WITHIN_S = 1.0
SLOW_S = 10 if os.environ["TIDELINE_SANITIZE"] else 2  # beside other work, and the polling
BAD = {"tutor_cancellation_rate", "payment_success_rate", "billing_issues_90d",
       "support_ticket_count", "ib_call_frequency", "ib_call_trend", "avg_rating", "rating_trend",
       "rating_consistency", "tutor_rating", "no_show_rate"}
cases = Cases()


def tideline(*words):
    done = subprocess.run([BIN, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def event(customer, name, number, at, **properties):
    return {"type": "track", "userId": customer, "event": name, "messageId": f"bad-{number}",
            "timestamp": at, "properties": properties}


def bad_day(customer):
    at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    told = ([("Session Cancelled", {"by": "tutor", "notice_hours": 1})] * 5 +
            [("Session No Show", {})] * 3 + [("Payment Failed", {})] * 6 +
            [("Session Rated", {"rating": 1})] * 4 + [("Support Ticket Opened", {})] * 6 +
            [("Inbound Call", {})] * 4 + [("Dispute Opened", {})] * 2)
    return [event(customer, name, i, at, **properties)
            for i, (name, properties) in enumerate(told)]


def find_happy(server):
    """A customer at little risk."""
    page = server.get("/api/v1/customers?tier=thriving&limit=200&sort=churn_risk_14d").json()
    rows = page["data"] or server.get(
        "/api/v1/customers?limit=200&sort=churn_risk_14d").json()["data"]
    return next(row for row in rows if row["status"] == "scored" and not row["lapsed"])


with cases.case("a bad day lowers the score within a second, and the drivers name it"):
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    tideline("generate", "--pack", "marketplace", "--customers", 500, "--days", 300, "--seed", 9,
             "--end", today, "--out", "made")
    tideline("import", *sorted(map(str, pathlib.Path("made").glob("events-*.parquet"))), "--data",
             "folder", "--pack", "marketplace")
    tideline("model", "train", "--data", "folder")
    with Server("folder") as server:
        key = server.new_key("bad-day")
        deadline = time.monotonic() + 60
        while not server.get("/api/v1/predictions?limit=1").json()["data"]:
            assert time.monotonic() < deadline, "nobody was scored"
            time.sleep(0.1)
        happy = find_happy(server)
        customer = happy["customer_id"]
        before = server.get(f"/api/v1/customers/{customer}").json()["prediction"]
        answer = server.post("/v1/batch", {"batch": bad_day(customer)}, key=key)
        assert answer.status == 200, answer.body
        stored = time.monotonic()
        after = before
        while after["timestamp"] == before["timestamp"] or \
                after["churn_risk_14d"] == before["churn_risk_14d"]:
            assert time.monotonic() - stored < WITHIN_S + SLOW_S, "no new figures in time"
            after = server.get(f"/api/v1/customers/{customer}").json()["prediction"]
        print(f"new figures after {time.monotonic() - stored:.2f} s: risk "
              f"{before['churn_risk_14d']:.3f} to {after['churn_risk_14d']:.3f}, health "
              f"{before['health_score']:.1f} to {after['health_score']:.1f}")
        assert after["health_score"] < before["health_score"], (before, after)
        assert after["churn_risk_14d"] > before["churn_risk_14d"], (before, after)

        told = server.get(f"/api/v1/customers/{customer}/drivers?task=churn_risk_14d").json()
        assert told["drivers"], told
        raising = [driver for driver in told["drivers"] if driver["direction"] == "raises"]
        print(json.dumps([(d["feature"], round(d["contribution"], 3), d["sentence"])
                          for d in told["drivers"][:6]]))
        named = {part["feature"] for driver in raising[:3] for part in driver["features"]}
        assert named & BAD, f"the drivers name {named}"
        total = told["base"] + sum(driver["contribution"] for driver in told["drivers"])
        assert abs(total - told["output"]) <= 1e-4, (total, told["output"])

        change = server.get(f"/api/v1/customers/{customer}/change?from={before['timestamp']}")
        assert change.status == 200, change.body
        split = change.json()["changes"]["churn_risk_14d"]
        parts = sum(split[part] for part in ("behaviour", "ageing", "model_version", "settings",
                                             "override"))
        assert abs(parts - (split["to"] - split["from"])) < 1e-9, split
        print(json.dumps(split))
        assert split["behaviour"] > 0, split

        actions = server.get(f"/api/v1/customers/{customer}").json()["recommended_actions"]
        print(json.dumps([(a["play"], a["sentence"]) for a in actions]))

cases.finish()

"""Pilots and money over HTTP and the command line: a whole life of a pilot, its log by chance that
anybody can tell again, experiments from tables, and figures that their queries give again.

tideline-test: timeout=300
"""

import csv
import datetime
import io
import json
import os
import pathlib
import random

from support.cases import Cases
from support.server import Server
from support.trained import refusal, run_json, scored_rows, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
END = datetime.date(2026, 6, 1)
MASK = (1 << 64) - 1
PRIMES = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
          0x27D4EB2F165667C5)
DRAFT = {"name": "Tutor match", "treatment": "a mail with three tutors", "baseline": 0.45,
         "change": 0.1, "phases": [0.3, 1]}

cases = Cases()


def turned(word, bits):
    return ((word << bits) | (word >> (64 - bits))) & MASK


def round_of(state, lane):
    return turned((state + lane * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def stripes(text):
    """The first part of XXH64: the text's whole blocks of 32 bytes."""
    lanes = [(PRIMES[0] + PRIMES[1]) & MASK, PRIMES[1], 0, -PRIMES[0] & MASK]
    for at in range(0, len(text) - len(text) % 32, 8):
        lane = at // 8 % 4
        lanes[lane] = round_of(lanes[lane], int.from_bytes(text[at:at + 8], "little"))
    value = sum(turned(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
    for lane in lanes:
        value = ((value ^ round_of(0, lane)) * PRIMES[0] + PRIMES[3]) & MASK
    return value


def xxh64(text):
    """XXH64 with seed 0, from its specification."""
    value = stripes(text) if len(text) >= 32 else PRIMES[4]
    value = (value + len(text)) & MASK
    rest = text[len(text) - len(text) % 32:]
    while len(rest) >= 8:
        value ^= round_of(0, int.from_bytes(rest[:8], "little"))
        value, rest = (turned(value, 27) * PRIMES[0] + PRIMES[3]) & MASK, rest[8:]
    if len(rest) >= 4:
        value ^= int.from_bytes(rest[:4], "little") * PRIMES[0] & MASK
        value, rest = (turned(value, 23) * PRIMES[1] + PRIMES[2]) & MASK, rest[4:]
    for byte in rest:
        value = turned(value ^ byte * PRIMES[4] & MASK, 11) * PRIMES[0] & MASK
    value = (value ^ value >> 33) * PRIMES[1] & MASK
    value = (value ^ value >> 29) * PRIMES[2] & MASK
    return value ^ value >> 32


def chance(salt, purpose, customer):
    return (xxh64(f"{salt}:{purpose}:{customer}".encode()) >> 11) / 2**53


def log_of(server, pilot, query=""):
    rows, cursor = [], ""
    while True:
        answer = server.get(f"/api/v1/pilots/{pilot}/exposures?limit=40&{query}&cursor={cursor}")
        assert answer.status == 200, answer
        rows += answer.json()["data"]
        cursor = answer.json()["next_cursor"]
        if not cursor:
            return rows


def check_log(server, pilot, tiers):
    """In it are those of the scored customers that the salt says, in the arms that it says."""
    scored = {row["customer_id"]: row["tier"] for row in scored_rows(server)
              if not row["lapsed"]}
    want = {customer: "control" if chance(pilot["salt"], "arm", customer) < 0.5 else "treated"
            for customer, tier in scored.items()
            if tier in tiers and chance(pilot["salt"], "phase", customer) < pilot["share"]}
    rows = log_of(server, pilot["id"])
    assert {row["customer_id"]: row["arm"] for row in rows} == want
    assert pilot["report"]["customers"] == len(want) > 0
    treated = log_of(server, pilot["id"], "arm=treated")
    assert {row["customer_id"] for row in treated} == {c for c, arm in want.items()
                                                       if arm == "treated"}
    text = server.request("GET", f"/api/v1/pilots/{pilot['id']}/exposures?limit=1000",
                          headers={"Accept": "text/csv"}).body.decode()
    told = list(csv.DictReader(io.StringIO(text)))
    assert [row["customer_id"] for row in told] == [row["customer_id"] for row in rows]
    return len(want)


def check_life(server):
    tiers = ["at_risk", "healthy", "thriving"]
    draft = server.post("/api/v1/pilots", {**DRAFT, "tiers": tiers})
    assert draft.status == 200, draft
    made = draft.json()
    assert (made["id"], made["status"], made["share"]) == ("tutor-match", "draft", 0), made
    size = server.get("/api/v1/sample-size?baseline=0.45&change=0.1").json()
    assert made["planned"] == size["customers"], (made, size)
    assert server.post("/api/v1/pilots", DRAFT).json()["code"] == "pilot_exists"
    here = "/api/v1/pilots/tutor-match"
    assert server.post(f"{here}/widen", {}).json()["code"] == "not_running"
    started = server.post(f"{here}/start", {}).json()
    assert (started["status"], started["share"]) == ("running", 0.3), started
    first = check_log(server, started, tiers)
    widened = server.post(f"{here}/widen", {}).json()
    assert check_log(server, widened, tiers) > first
    assert widened["report"]["interim"] and not widened["report"]["sample_ratio"]["alarm"]
    stopped = server.post(f"{here}/stop", {"reason": "enough"}).json()
    assert (stopped["status"], stopped["stop_reason"]) == ("stopped", "enough"), stopped
    assert server.get("/api/v1/pilots").json()["data"][0]["status"] == "stopped"


def check_refusals(server):
    for change in ({"name": ""}, {"treatment": ""}, {"arms": [{"name": "a", "share": 1}]},
                   {"change": 0}, {"tiers": ["nobody"]}, {"phases": [0.5]}, {"surprise": 1},
                   {"outcome": "joy"}, {"horizon_days": 0}):
        answer = server.post("/api/v1/pilots", {**DRAFT, "name": "Other", **change})
        assert answer.status == 400, (change, answer)
    assert server.get("/api/v1/pilots/nobody").status == 404
    assert server.get("/api/v1/pilots?x=1").status == 400
    assert server.get("/api/v1/sample-size?baseline=2&change=0.1").status == 400


def check_commands(server):
    told = json.loads(server.run("pilots", "create", "Calls", "--treatment", "a call",
                                 "--baseline", "0.45", "--change", "0.1", "--arm", "control=0.6",
                                 "--arm", "called=0.4", "--phases", "0.5,1", "--json"))
    assert told["status"] == "running" and told["came_in"] > 0, told
    shown = json.loads(server.run("pilots", "show", "calls", "--json"))
    assert shown["report"]["customers"] == told["came_in"], shown
    assert b"calls" in server.run("pilots", "list")
    text = server.run("pilots", "stop", "calls", "--reason", "a test").decode()
    assert "stopped" in text and "not enough data" in text, text


def check_restart(server):
    before = server.get("/api/v1/pilots/tutor-match").json()
    server.kill()
    server.start()
    scored_rows(server)
    after = server.get("/api/v1/pilots/tutor-match").json()
    assert after == before, (before, after)


def check_money(server):
    known = server.get("/api/v1/money").json()
    assert {one["key"] for one in known["inputs"]} >= {"ltv", "monthly_churn", "found"}
    sources = {one["key"]: one["source"] for one in known["inputs"]}
    assert sources["monthly_churn"] and not sources["cost_month"], sources
    given = {"ltv": 600, "monthly_churn": 0.08, "acquisition_cost": 120, "replacement_cost": 30,
             "share_replaced": 0.25, "found": 400, "share_saved": 0.05, "cost_once": 5000,
             "cost_month": 2000, "months": 12}
    answer = server.post("/api/v1/money", given).json()
    figures = {one["key"]: one["value"] for one in answer["figures"]}
    assert abs(figures["gain"] - 117_000) < 1e-6, figures
    assert abs(figures["roi"] - 88 / 29) < 1e-9 and figures["payback_days"] == 196, figures
    assert server.post("/api/v1/money", {**given, "share_saved": 2}).json()["code"] == "bad_input"
    assert server.post("/api/v1/money", {"surprise": 1}).status == 400
    measured = {"treated": 1200, "difference": 0.04, "low": 0.01, "high": 0.07}
    split = server.post("/api/v1/money", {**given, "measured": measured}).json()
    figures = {one["key"]: one["value"] for one in split["figures"]}
    assert abs(figures["gain_proven"] - 48 * 487.5) < 1e-6, figures
    assert abs(figures["gain"] - figures["gain_proven"] - figures["gain_scenario"]) < 1e-6


def check_retention(server):
    """Each figure is what its printed query gives."""
    told = server.get("/api/v1/retention?days=60").json()
    assert [curve["kind"] for curve in told["curves"]] == ["n_day", "unbounded", "rolling"]
    for curve, query in zip(told["curves"], told["queries"]["curves"]):
        rows = server.sql(query)
        points = {row["day"]: (row["customers"], row["retained"]) for row in rows}
        for point in curve["points"]:
            want = points.get(point["day"], (0, 0))
            assert (point["customers"], point["retained"]) == want, (curve["kind"], point, want)
    keys = ("month", "active", "new", "retained", "resurrected")
    rows = [tuple(row[key] for key in keys) for row in server.sql(told["queries"]["months"])]
    months = [tuple(row[key] for key in keys) for row in told["months"] if row["active"] > 0]
    assert months == rows and len(rows) > 2, (months, rows)
    for before, now in zip(told["months"], told["months"][1:]):
        assert now["retained"] + now["churned"] == before["active"], (before, now)
        assert now["gross_retention"] is None or now["gross_retention"] <= 1, now


def experiment(path, seed, broken=False):
    """6,000 customers in two arms; who bought much before buys more often when treated."""
    random.seed(seed)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["who", "arm", "before", "bought", "spent"])
        for i in range(6000):
            arm = random.choice(["none", "mail"])
            if broken and arm == "mail" and i % 5 == 0:
                continue
            before = random.gauss(50, 15)
            uplift = (0.15 if before > 50 else 0) if arm == "mail" else 0
            bought = random.random() < 0.2 + uplift
            writer.writerow([f"c{i}", arm, f"{before:.2f}", "yes" if bought else "no",
                             f"{0.5 * before + random.gauss(0, 5):.2f}"])
    return path


def measured(path, *words):
    return run_json("pilots", "measure", path, "--arm", "arm", "--control", "none", "--id", "who",
                    *words)


def check_experiments():
    path = experiment(TMP / "sound.csv", 7)
    told = measured(path, "--outcome", "bought", "--outcome", "spent", "--before", "before",
                    "--uplift", "bought", "--value", "10", "--cost", "0.5", "--budget", "200",
                    "--out", TMP / "ranking.csv")
    assert not told["sample_ratio"]["alarm"], told
    effects = {one["outcome"]: one for one in told["effects"]}
    bought = effects["bought"]["effect"]
    assert bought["low"] < 0.075 < bought["high"] and bought["clear"], bought
    # What they spent is half of what they spent before and 5 of chance: 56 of 81 are known.
    removed = effects["spent"]["cuped"]["variance_removed"]
    assert abs(removed - 0.69) < 0.05, removed
    assert told["uplift"]["targets"]["customers"] == 400, told["uplift"]["targets"]
    with open(TMP / "ranking.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["chosen"] == "true" for row in rows) == 400
    assert measured(experiment(TMP / "broken.csv", 8, broken=True), "--outcome",
                    "bought")["sample_ratio"]["alarm"]
    for words in (["--outcome", "who"], ["--outcome", "nothing"], ["--outcome", "bought",
                                                                  "--share", "mail=0.5"]):
        status, why = refusal("pilots", "measure", path, "--arm", "arm", "--control", "none",
                              *words)
        assert status == 2 or "tideline: " in why, (words, status, why)


def main():
    folder = trained_folder(TMP / "folder", end=END.isoformat(), customers=200)
    with Server(folder, settings={"lake.flush_s": "1"}) as server:
        scored_rows(server)
        for name, check in {"a pilot's life and its log": check_life,
                            "what cannot be measured is refused": check_refusals,
                            "the command line does the same": check_commands,
                            "the calculator": check_money,
                            "retention is what its queries give": check_retention,
                            "a crash loses nothing of a pilot": check_restart}.items():
            with cases.case(name):
                check(server)
    with cases.case("experiments from a table"):
        check_experiments()
    cases.finish()


if __name__ == "__main__":
    main()

"""Whether the first three drivers that raise a customer's risk hold what was planted to go wrong.

A simulated marketplace with its truth; the model learns from snapshots whose labels end before the
weeks that are judged, a server stands still at moments of these weeks, and `tideline predict` says
for every customer whose decline began a while ago what pushed the risk of leaving. Customers that
are no longer scored then (gone, lapsed) are left out.

    tests/models/planted_causes_test.py             # the short form, as in `make test`
    PLANTED_CAUSES=long make test ONLY=planted_causes

tideline-test: timeout=1500
"""

import collections
import concurrent.futures
import datetime
import json
import os
import pathlib

from support.cases import Cases
from support.server import Server
from support.trained import run, run_json

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
END = datetime.date(2026, 1, 1)
SEED = 11
STEP = 14  # days from one moment judged to the next
TOP = 3
LABEL_DAYS = 60 + 1  # gone(30d, lapse) is known 60 days after a snapshot

# The pack's themes whose features a cause moves by itself (docs/simulator.md, "Planted declines");
# the fading of activity that follows every cause counts only where it is all there is to see.
THEMES = {
    "tutor": {"tutor", "satisfaction"},  # tutor changes, ratings given
    # Cancels and answers late as well, and befalls all customers of the tutor: shown, not counted
    # as planted in the customer.
    "bad_tutor": {"tutor", "satisfaction", "tutor_cancellations", "tutor_replies"},
    "cancellations": {"tutor_cancellations"},
    "payments": {"payments"},
    "replies": {"tutor_replies"},  # hours of the answers, requests without acceptance
    "price": {"spending"},  # amounts
    "support": {"support"},
    "goal": {"pace", "engagement"},
    "drift": {"pace", "engagement"},
}

# Days since a decline began: it grows for 14 days and lasts 40 or more.
AGES = [(14, 28), (28, 42)]

# The truth calls both "tutor"; who turns bad does so to many on one day.
MANY_ON_ONE_DAY = 6

# Customers, days, moments judged, and the least share of the customers with a decline of their
# own. The goal is not reached; the bounds keep what is (docs/simulator.md, "Measured").
Form = collections.namedtuple("Form", "customers days moments least")
SHORT = Form(700, 240, 3, 0.35)
LONG = Form(6000, 365, 6, 0.48)
GOAL = 0.8


def at_midnight(day):
    return f"{day.isoformat()}T00:00:00Z"


def planted(folder):
    """Customers with a decline that began: customer, cause, began (a date)."""
    rows = run_json("sql", "select customer, decline_cause as cause, "
                    "strftime(decline_began, '%Y-%m-%d') as began "
                    f"from read_parquet('{folder}-generated/truth.parquet') "
                    "where decline_cause <> 'none' order by customer", "--data", folder)
    for row in rows:
        row["began"] = datetime.date.fromisoformat(row["began"])
    days = collections.Counter(row["began"] for row in rows if row["cause"] == "tutor")
    for row in rows:
        if row["cause"] == "tutor" and days[row["began"]] >= MANY_ON_ONE_DAY:
            row["cause"] = "bad_tutor"
    return rows


def learnt(folder, form):
    """The moments to judge, the latest first, of a folder whose model saw nothing of them."""
    history = f"{folder}-generated"
    run("generate", "--pack", "marketplace", "--customers", form.customers, "--days", form.days,
        "--seed", SEED, "--end", END.isoformat(), "--out", history, "--truth")
    run("import", *sorted(pathlib.Path(history).glob("events-*.parquet")), "--pack",
        "marketplace", "--data", folder, "--json")
    moments = [END - datetime.timedelta(days=1 + STEP * k) for k in range(form.moments)]
    cut = moments[-1] - datetime.timedelta(days=LABEL_DAYS)
    first = END - datetime.timedelta(days=form.days - 35)
    weeks = range(0, (cut - first).days + 1, 7)
    run("model", "train", "--data", folder, "--json", "--at",
        *(at_midnight(cut - datetime.timedelta(days=days)) for days in weeks))
    return moments


def drivers_at(folder, moment, customers):
    """[(row, age in days, themes that raise the risk, the largest first)] as of a moment."""
    due = [row for row in customers
           if AGES[0][0] <= (moment - row["began"]).days < AGES[-1][1]]
    with Server(folder, arguments=["--as-of", at_midnight(moment)]) as server:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            said = list(pool.map(
                lambda row: run_json("predict", row["customer"], "--data", folder), due))
        server.stop()
    found = []
    for row, answer in zip(due, said):
        if answer["drivers"] is None:
            continue
        raising = [driver for driver in answer["drivers"]["list"] if driver["contribution"] > 0]
        raising.sort(key=lambda driver: -driver["contribution"])
        found.append((row, (moment - row["began"]).days, [d["theme"] for d in raising]))
    return found


def shares(found, since, until):
    """Customers by cause: how many, how many with the cause among the first three, and how many
    others have these themes there (what chance would give)."""
    judged = [(row["cause"], set(themes[:TOP])) for row, age, themes in found
              if since <= age < until]
    by_cause = {}
    for cause, own in THEMES.items():
        mine = [themes for of, themes in judged if of == cause]
        others = [themes for of, themes in judged if of != cause and not THEMES[of] & own]
        by_cause[cause] = {
            "n": len(mine), "held": sum(bool(own & themes) for themes in mine),
            "others": sum(bool(own & themes) for themes in others) / max(1, len(others))}
    return by_cause


def summed(by_cause):
    """(customers, share held, share by chance) of those with a decline of their own."""
    own = [counts for cause, counts in by_cause.items() if cause != "bad_tutor"]
    n = sum(counts["n"] for counts in own)
    return (n, sum(counts["held"] for counts in own) / max(1, n),
            sum(counts["n"] * counts["others"] for counts in own) / max(1, n))


def main():
    cases = Cases()
    form = LONG if os.environ.get("PLANTED_CAUSES") == "long" else SHORT
    folder = TMP / "folder"
    found = []
    with cases.case("planted causes: drivers of customers in decline are found"):
        moments = learnt(folder, form)
        customers = planted(folder)
        for moment in moments:
            found += drivers_at(folder, moment, customers)
        assert len(found) >= 30, len(found)
    for since, until in AGES:
        by_cause = shares(found, since, until)
        n, share, chance = summed(by_cause)
        print(f"# {since} to {until - 1} days after: {share:.3f} of {n}, goal {GOAL}; the same "
              f"themes in customers with other causes {chance:.3f}; seed {SEED}")
        for cause, counts in by_cause.items():
            print(f"#   {json.dumps({'cause': cause, **counts})}")
    n, share, chance = summed(shares(found, AGES[0][0], AGES[-1][1]))
    with cases.case(f"planted causes: the first {TOP} that raise the risk hold {form.least:.0%}"):
        assert n >= 40 and share >= form.least, (n, share, chance)
    with cases.case("planted causes: held more often than in customers with other causes"):
        assert share > chance, (n, share, chance)
    cases.finish()


if __name__ == "__main__":
    main()

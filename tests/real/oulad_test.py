"""OULAD, the main job on real data: from files of a university to a tier for every enrolment.

tideline-test: timeout=900
"""

import csv
import gzip
import json
import urllib.parse
import urllib.request

from support.cases import Cases
from support.oracle import compare_with_oracle, program
from support.real import BUSINESSES, check_same, contents, import_all, query
from support.serving import serving

OULAD = BUSINESSES["oulad"]
ENROLMENTS, JUDGED, RATE, RECENCY_AUC = 11_292, 1_835, 0.240, 0.845
POINTS, TIMES = 2_000, 16
DAY = 56  # as of the end of this day of each presentation
# presentation: (00:00 of the day after day 56, file of clicks)
DATES = {"BBB/2013B": "2013-03-30T00:00:00Z", "AAA/2013J": "2013-11-27T00:00:00Z"}
FIGURES = ("churn_risk_14d", "churn_risk_30d", "session_velocity", "health_score")


def rows_of(name):
    path = next(path for path in OULAD.files() if path.name.startswith(name))
    with (gzip.open(path, "rt", newline="") if path.suffix == ".gz" else
          open(path, newline="", encoding="utf-8")) as file:
        yield from csv.DictReader(file)


class Presentation:
    """What the raw files say of one presentation at the end of day 56."""

    def __init__(self, name):
        self.name = name
        self.at = DATES[name]
        self.known = set()  # enrolled by then, whatever became of them
        self.eligible = set()  # of those: not withdrawn by then
        self.enrolled_on = {}
        for row in rows_of("studentRegistration"):
            if f"{row['code_module']}/{row['code_presentation']}" == name:
                self.add(f"{row['id_student']}/{name}", row)
        self.click_days = {customer: set() for customer in self.known}
        for row in rows_of("studentVle_" + name.replace("/", "_")):
            customer = f"{row['id_student']}/{name}"
            if customer in self.known:
                self.click_days[customer].add(int(row["date"]))

    def add(self, customer, row):
        withdrawn = row["date_unregistration"]
        withdrawn = int(float(withdrawn)) if withdrawn else None
        enrolled = row["date_registration"]
        enrolled = int(float(enrolled)) if enrolled else min(0, withdrawn or 0) - 1
        self.enrolled_on[customer] = enrolled
        if enrolled <= DAY or (withdrawn is not None and withdrawn <= DAY):
            self.known.add(customer)
            if enrolled <= DAY and (withdrawn is None or withdrawn > DAY):
                self.eligible.add(customer)

    def past_days(self, customer):
        return [day for day in self.click_days[customer] if day <= DAY]

    def is_lapsed(self, customer):
        """No click for more than 14 days; clicks are at 12:00, it is 00:00 of day 57."""
        return not any(DAY + 1 - day - 0.5 <= 14 for day in self.past_days(customer))

    def is_known_well(self, customer):
        """Two days with clicks and seven days of history: enough to be scored."""
        return len(self.past_days(customer)) >= 2 and DAY + 0.5 - self.enrolled_on[customer] >= 7

    def label(self, customer):
        """Whether nobody saw a click in the 14 days that follow."""
        return int(not any(DAY < day <= DAY + 14 for day in self.click_days[customer]))

    def recency(self, customer):
        return DAY + 1 - max(self.past_days(customer), default=-1_000)


def auc(labels, scores):
    """Area under the ROC curve; equal scores count half."""
    ranked = sorted(zip(scores, labels))
    rank_sum, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        rank_sum += sum(label for _, label in ranked[at:end]) * (at + 1 + end) / 2
        at = end
    ones = sum(labels)
    return (rank_sum - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))


# --- accounting --------------------------------------------------------------------------------


def check_accounts():
    summary = import_all(OULAD, "oulad")
    assert summary["applied"] == summary["received"], summary
    found = {event: (int(count), int(customers)) for event, count, customers in query(
        "oulad", "select event, count(*), count(distinct customer_id) from events group by event")}
    # Every enrolment gives one identify (without a name), one Enrolled, one Course Ended.
    for event in ("", "Enrolled", "Course Ended"):
        assert found[event] == (ENROLMENTS, ENROLMENTS), (event, found[event])
    raw = list(rows_of("studentRegistration"))
    assert len(raw) == ENROLMENTS
    withdrawn = sum(1 for row in raw if row["date_unregistration"])
    assert found["Withdrawn"] == (withdrawn, withdrawn), found["Withdrawn"]
    [[customers]] = query("oulad", "select count(*) from customers")
    assert int(customers) == ENROLMENTS, customers
    assert sum(count for count, _ in found.values()) == summary["received"]


def check_sessions(presentations):
    for name, presentation in presentations.items():
        [[sessions]] = query("oulad", "select count(*) from events where event = "
                             f"'Learning Session' and customer_id like '%/{name}'")
        every = {f"{row['id_student']}/{name}/{row['date']}"
                 for row in rows_of("studentVle_" + name.replace("/", "_"))}
        assert int(sessions) == len(every) > 0, (name, sessions, len(every))
        assert presentation.known


def check_again(before):
    summary = import_all(OULAD, "oulad")
    assert summary["duplicate"] == summary["received"], summary
    check_same(contents("oulad", DATES["BBB/2013B"]), before)


# --- the main job ------------------------------------------------------------------------------


def get(base, path, **query_parts):
    text = urllib.parse.urlencode(query_parts)
    with urllib.request.urlopen(f"{base}{path}?{text}") as answer:
        return json.load(answer)


def all_customers(base):
    found, cursor = [], {}
    while True:
        page = get(base, "/api/v1/customers", limit=1_000, **cursor)
        found += page["data"]
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def tier_of(health, p14):
    """The table of the pack, written down once more."""
    if health < 30 or p14 > 0.7:
        return "churned"
    if health > 70 and p14 < 0.2:
        return "thriving"
    return "healthy" if health >= 50 and p14 < 0.4 else "at_risk"


def check_scored(prediction):
    figures = [prediction[name] for name in FIGURES]
    p14, p30, velocity, health = figures
    assert all(isinstance(figure, (int, float)) for figure in figures), prediction
    assert 0 <= p14 <= p30 <= 1 and velocity >= 0 and 0 <= health <= 100, prediction
    assert prediction["tier"] == prediction["segment"] == tier_of(health, p14), prediction
    assert prediction["status"] == "scored" and not prediction["lapsed"], prediction
    assert prediction["model_version"], prediction


def check_unscored(prediction):
    assert all(prediction[name] is None for name in (*FIGURES, "tier", "segment")), prediction
    assert prediction["status"] == "unscored" and prediction["reason"], prediction


def check_overview(base, everybody, at):
    overview = get(base, "/api/v1/overview")
    assert overview["now"].startswith(at[:-1]) and overview["as_of"].startswith(at[:-1]), overview
    parts = (sum(overview["tiers"].values()), sum(overview["unscored"].values()),
             overview["lapsed"])
    assert overview["last_full_scoring"] == overview["now"], "ready, and not yet scored"
    assert sum(parts) == overview["customers"] == len(everybody), (parts, len(everybody))
    tiers = {}
    for one in everybody:
        if one["tier"]:
            tiers[one["tier"]] = tiers.get(one["tier"], 0) + 1
    assert {t: n for t, n in overview["tiers"].items() if n} == tiers, (overview, tiers)


def check_presentation(presentation):
    """Everybody eligible has figures and a tier, but for those lapsed or too little known."""
    with serving("oulad", "--as-of", presentation.at) as base:
        everybody = all_customers(base)
        check_overview(base, everybody, presentation.at)
    mine = {one["customer_id"]: one for one in everybody
            if one["customer_id"].endswith("/" + presentation.name)}
    assert set(mine) == presentation.known, (len(mine), len(presentation.known))
    counts = {}
    for customer, prediction in mine.items():
        lapsed = presentation.is_lapsed(customer)
        assert prediction["lapsed"] == lapsed, (customer, prediction)
        if prediction["status"] == "scored":
            check_scored(prediction)
            assert customer in presentation.eligible and not lapsed, prediction
        else:
            check_unscored(prediction)
        if customer in presentation.eligible and not lapsed:
            if presentation.is_known_well(customer):
                assert prediction["status"] == "scored", prediction
            wanted = (None, "not_enough_data")
        else:
            wanted = ("lapsed", "not_eligible")
        reason = prediction["reason"] if prediction["status"] == "unscored" else None
        assert reason in wanted, (reason, wanted, prediction)
        counts[reason or "scored"] = counts.get(reason or "scored", 0) + 1
    assert sum(counts.values()) == len(presentation.known)
    eligible_live = sum(1 for c in presentation.eligible if not presentation.is_lapsed(c))
    assert counts["scored"] + counts.get("not_enough_data", 0) == eligible_live, counts
    print(f"# {presentation.name} at {presentation.at}: {counts}")


def evaluate():
    where = " or ".join(f"(customer_id like '%/{name}' and as_of = '{at[:10]}')"
                        for name, at in DATES.items())
    text = program("model", "evaluate", "--data", "oulad", "--at", *DATES.values(), "--label",
                   "gone(0d,14d)", "--eligible", "pack", "--folds", "customer", "--where", where,
                   "--json", "--out", "judged.csv")
    [task] = json.loads(text)["tasks"]
    with open("judged.csv", newline="", encoding="utf-8") as file:
        return task, list(csv.DictReader(file))


def check_evaluation(presentations):
    task, rows = evaluate()
    models = {model["name"]: model for model in task["models"]}
    print("# " + ", ".join(f"{name} {m['roc_auc']:.4f}" for name, m in models.items()))
    assert task["n"] == JUDGED == len(rows), (task["n"], len(rows))
    assert round(task["rate"], 3) == RATE and task["split"] == "customer_folds", task
    assert abs(models["recency"]["roc_auc"] - RECENCY_AUC) <= 5e-4, models["recency"]
    for name in (task["champion"], "network"):
        assert models[name]["roc_auc"] > models["recency"]["roc_auc"], models[name]
    labels = [int(float(row["label"])) for row in rows]
    again = auc(labels, [float(row["p"]) for row in rows])
    assert abs(again - models[task["champion"]]["roc_auc"]) < 1e-9, (again, models)

    truth, recency = {}, {}
    for presentation in presentations.values():
        for customer in presentation.eligible:
            truth[customer] = presentation.label(customer)
            recency[customer] = presentation.recency(customer)
    assert {row["id"]: label for row, label in zip(rows, labels)} == truth, "labels or people"
    by_hand = auc([truth[c] for c in truth], [recency[c] for c in truth])
    assert abs(by_hand - models["recency"]["roc_auc"]) < 1e-9, (by_hand, models["recency"])


def main():
    cases = Cases()
    presentations = {name: Presentation(name) for name in DATES}
    with cases.case("oulad: 11,292 enrolments, each identified, enrolled and ended once"):
        check_accounts()
    with cases.case("oulad: a learning session for each student and day with clicks"):
        check_sessions(presentations)
    with cases.case("oulad: importing the files again changes nothing"):
        check_again(contents("oulad", DATES["BBB/2013B"]))
    with cases.case(f"oulad: 52 features at {POINTS} points are those of the oracle"):
        print(compare_with_oracle("oulad", "learning", POINTS, TIMES))
    with cases.case("oulad: a model is trained"):
        tasks = json.loads(program("model", "train", "--data", "oulad", "--json"))["tasks"]
        assert {task["task"] for task in tasks} == set(FIGURES), tasks
    for name, presentation in presentations.items():
        with cases.case(f"oulad: figures and a tier for every eligible enrolment of {name}"):
            check_presentation(presentation)
    with cases.case("oulad: evaluated out of fold, better than recency, as recomputed here"):
        check_evaluation(presentations)
    cases.finish()


if __name__ == "__main__":
    main()

"""CDNOW: every purchase is counted once, lifetime counters are those of the raw file.

tideline-test: timeout=600
"""

import collections
import json
import random
import urllib.request

from support.cases import Cases
from support.oracle import compare_with_oracle
from support.real import BUSINESSES, check_same, contents, import_all, query
from support.serving import serving

CDNOW = BUSINESSES["cdnow"]
POINTS, TIMES = 2_000, 16
AT = "1997-09-30T00:00:00Z"
PURCHASES, CUSTOMERS, REPEATED_LINES = 69_659, 23_570, 255


def purchases():
    """(customer, day) of each line of the file, and the lines themselves."""
    with open(CDNOW.files()[0], encoding="ascii") as file:
        lines = [line.split() for line in file][1:]
    day = "{0[0]}{0[1]}{0[2]}{0[3]}-{0[4]}{0[5]}-{0[6]}{0[7]}".format
    return [(line[0].lstrip("0"), day(line[1])) for line in lines], lines


def lifetimes(raw):
    """{customer: (purchases, first time, last time)} of the raw file."""
    days = collections.defaultdict(list)
    for customer, day in raw:
        days[customer].append(day)
    return {customer: (len(of), f"{min(of)}T12:00:00.000Z", f"{max(of)}T12:00:00.000Z")
            for customer, of in days.items()}


def shuffled_copy(path):
    """The same file with its lines in another order."""
    with open(CDNOW.files()[0], encoding="ascii", newline="") as file:
        header, *lines = file.readlines()
    random.Random(7).shuffle(lines)
    with open(path, "w", encoding="ascii", newline="") as file:
        file.writelines([header, *lines])
    return path


def check_accounts(raw, lines):
    summary = import_all(CDNOW, "cdnow")
    assert (summary["received"], summary["applied"]) == (PURCHASES, PURCHASES), summary
    repeats = len(lines) - len({tuple(line) for line in lines})
    assert (len(raw), repeats) == (PURCHASES, REPEATED_LINES), (len(raw), repeats)
    [[events, ids]] = query("cdnow", "select count(*), count(distinct message_id) from events")
    assert (int(events), int(ids)) == (PURCHASES, PURCHASES), (events, ids)


def check_counters(expected):
    found = {row[0]: (int(row[1]), row[2], row[3]) for row in query(
        "cdnow", "select customer_id, events, first_event, last_event from customers")}
    assert len(found) == CUSTOMERS, len(found)
    wrong = [(c, found.get(c), of) for c, of in expected.items() if found.get(c) != of]
    assert not wrong and len(expected) == len(found), f"{len(wrong)} wrong: {wrong[:5]}"
    [[total]] = query("cdnow", "select sum(qualifying_events) from customers")
    assert int(total) == PURCHASES, total


def check_api(expected):
    asked = random.Random(11).sample(sorted(expected), 200)
    with serving("cdnow") as base:
        for customer in asked:
            with urllib.request.urlopen(f"{base}/api/v1/customers/{customer}") as answer:
                found = json.load(answer)
            counters = (found["event_count"], found["first_event"], found["last_event"])
            assert counters == expected[customer], (customer, counters, expected[customer])


def check_again(before, files=None):
    summary = import_all(CDNOW, "cdnow", files)
    assert summary["duplicate"] == summary["received"] == PURCHASES, summary
    check_same(contents("cdnow", AT), before)


def main():
    cases = Cases()
    raw, lines = purchases()
    expected = lifetimes(raw)
    with cases.case("cdnow: 69,659 purchases, 255 of them repeats, are all applied"):
        check_accounts(raw, lines)
    with cases.case("cdnow: lifetime counters of 23,570 customers are those of the raw file"):
        check_counters(expected)
    with cases.case("cdnow: the API shows the same counters"):
        check_api(expected)
    before = contents("cdnow", AT)
    with cases.case("cdnow: importing the file again changes nothing"):
        check_again(before)
    with cases.case("cdnow: nor does importing its lines in another order"):
        check_again(before, [shuffled_copy("CDNOW_master.txt")])
    with cases.case("cdnow: 42 features at 2,000 points are those of the oracle"):
        print(compare_with_oracle("cdnow", "commerce", POINTS, TIMES))
    cases.finish()


if __name__ == "__main__":
    main()

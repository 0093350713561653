"""Online Retail by lines: all 541,909 accounted for; refunds, cancellations and order days.

tideline-test: timeout=900
"""

import collections
import csv
import gzip
import itertools
import json

from support.cases import Cases
from support.oracle import compare_with_oracle, program
from support.real import BUSINESSES, check_same, contents, import_all, query

RETAIL = BUSINESSES["online-retail"]
LINES, WITHOUT_CUSTOMER, CUSTOMERS = 541_909, 135_080, 4_372
AT = "2011-09-10T00:00:00Z"
FIRST_OF_120_DAYS = "2011-05-13"
POINTS, TIMES = 2_000, 16


def raw_lines():
    """(invoice, customer or "", time) of each line of the files, read without the map."""
    for path in RETAIL.files():
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield (row["InvoiceNo"], row["CustomerID"].removesuffix(".0"), row["InvoiceDate"])


def orders_and_back(raw):
    """How many lines of customers are of ordinary invoices, and how many take something back."""
    named = sum(1 for line in raw if line[1])
    back = sum(1 for line in raw if line[1] and line[0].startswith("C"))
    return named - back, back


def check_accounts(raw):
    summary = import_all(RETAIL, "retail")
    assert summary["received"] == LINES == len(raw), (summary, len(raw))
    assert summary["codes"] == {"missing_customer": WITHOUT_CUSTOMER}, summary
    assert summary["applied"] == LINES - WITHOUT_CUSTOMER, summary
    [[customers, counted]] = query("retail", "select count(*), sum(events) from customers")
    assert (int(customers), int(counted)) == (CUSTOMERS, LINES - WITHOUT_CUSTOMER)
    [[letters, reasons]] = query(
        "retail", "select count(*), count(*) filter (length(reason) > 0) from dead_letters "
        "where code = 'missing_customer'")
    assert int(letters) == int(reasons) == WITHOUT_CUSTOMER, (letters, reasons)


def check_refunds(raw):
    found = {event: int(lines) for event, lines in query(
        "retail", "select event, count(*) from events group by event")}
    orders, back = orders_and_back(raw)
    assert set(found) == {"Order Completed", "Order Refunded", "Order Cancelled"}, found
    assert found["Order Completed"] == orders, (found, orders)
    assert found["Order Refunded"] + found["Order Cancelled"] == back, (found, back)
    assert found["Order Cancelled"] > 0 and found["Order Refunded"] > 0, found
    kinds = collections.defaultdict(set)
    for invoice, event in query("retail", "select distinct properties->>'order_id', event "
                                "from events where event <> 'Order Completed'"):
        kinds[invoice].add(event)
    assert all(len(events) == 1 for events in kinds.values()), "an invoice is one or the other"
    assert all(invoice.startswith("C") for invoice in kinds), "only C-invoices take back"


def order_days(raw, since, until):
    """{customer: days with an ordinary invoice line, since <= day < until}."""
    days = collections.defaultdict(set)
    for invoice, customer, time in raw:
        if customer and not invoice.startswith("C") and since <= time[:10] < until:
            days[customer].add(time[:10])
    return {customer: len(found) for customer, found in days.items()}


def check_order_days(raw):
    program("features", "--data", "retail", "--at", AT, "--format", "csv", "--out", "at.csv")
    with open("at.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ever, recent = order_days(raw, "", AT[:10]), order_days(raw, FIRST_OF_120_DAYS, AT[:10])
    for row in rows:
        customer = row["customer_id"]
        found = float(row["order_days_ever"]), float(row["order_days_120d"])
        wanted = ever.get(customer, 0), recent.get(customer, 0)
        assert found == wanted, (customer, found, wanted)
    silent = [c for c in recent if c not in {row["customer_id"] for row in rows}]
    assert not silent and len(rows) > 2_000, (len(silent), len(rows))


def check_again(before):
    summary = import_all(RETAIL, "retail")
    assert summary["duplicate"] == summary["received"] == LINES, summary
    check_same(contents("retail", AT), before)


def check_dead_letters(raw):
    """The dead letters are the lines without customer, each with its own content."""
    expected = collections.Counter(line[0] for line in raw if not line[1])
    found = collections.Counter(
        json.loads(row[0])["properties"]["order_id"]
        for row in query("retail", "select payload from dead_letters"))
    assert found == expected, dict(itertools.islice((found - expected).items(), 5))


def main():
    cases = Cases()
    raw = list(raw_lines())
    with cases.case("online retail: 541,909 lines are accounted for, 4,372 customers"):
        check_accounts(raw)
    with cases.case("online retail: refunds and cancelled invoices are events of their own"):
        check_refunds(raw)
    with cases.case("online retail: dead letters are the 135,080 lines without customer"):
        check_dead_letters(raw)
    with cases.case("online retail: features count the order days of the raw files"):
        check_order_days(raw)
    with cases.case("online retail: importing the files again changes nothing"):
        check_again(contents("retail", AT))
    with cases.case(f"online retail: 42 features at {POINTS} points are those of the oracle"):
        print(compare_with_oracle("retail", "commerce", POINTS, TIMES))
    cases.finish()


if __name__ == "__main__":
    main()

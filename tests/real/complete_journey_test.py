"""Complete Journey: baskets, campaigns, coupons and traits of its households, and the oracle.

tideline-test: timeout=600
"""

import csv
import gzip

from support.cases import Cases
from support.oracle import compare_with_oracle
from support.real import BUSINESSES, check_same, contents, import_all, query

JOURNEY = BUSINESSES["complete-journey"]
AT = "2017-11-30T00:00:00Z"
POINTS, TIMES = 2_000, 16


def rows_of(name):
    path = next(path for path in JOURNEY.files() if path.name.startswith(name))
    with (gzip.open(path, "rt", newline="") if path.suffix == ".gz" else
          open(path, newline="", encoding="utf-8")) as file:
        return list(csv.DictReader(file))


def expected_counts():
    """{event: how many} by the raw files; an identify has no name."""
    lines = rows_of("transactions")
    return {
        "Order Completed": len({(row["household_id"], row["basket_id"]) for row in lines}),
        "Campaign Delivered": len(rows_of("campaigns.csv")),
        "Coupon Redeemed": len(rows_of("coupon_redemptions")),
        "": len(rows_of("demographics")),
    }


def check_accounts():
    summary = import_all(JOURNEY, "journey")
    found = {event: int(count) for event, count in query(
        "journey", "select event, count(*) from events group by event")}
    assert found == expected_counts(), found
    assert summary["applied"] == summary["received"] == sum(found.values()), summary


def check_households():
    lines = rows_of("transactions")
    spent = {}
    for row in lines:
        spent[row["household_id"]] = spent.get(row["household_id"], 0) + float(row["sales_value"])
    found = {customer: float(revenue) for customer, revenue in query(
        "journey", "select customer_id, sum((properties->>'revenue')::double) from events "
        "where event = 'Order Completed' group by customer_id")}
    assert set(found) == set(spent)
    wrong = {c: (found[c], spent[c]) for c in spent if abs(found[c] - spent[c]) > 1e-6}
    assert not wrong, dict(list(wrong.items())[:5])


def check_again(before):
    summary = import_all(JOURNEY, "journey")
    assert summary["duplicate"] == summary["received"], summary
    check_same(contents("journey", AT), before)


def main():
    cases = Cases()
    with cases.case("complete journey: baskets, campaigns, coupons and households add up"):
        check_accounts()
    with cases.case("complete journey: what each household spent is what the raw lines say"):
        check_households()
    with cases.case("complete journey: importing the files again changes nothing"):
        check_again(contents("journey", AT))
    with cases.case(f"complete journey: 42 features at {POINTS} points are those of the oracle"):
        print(compare_with_oracle("journey", "commerce", POINTS, TIMES))
    cases.finish()


if __name__ == "__main__":
    main()

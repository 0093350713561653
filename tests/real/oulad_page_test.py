"""OULAD's lake queried from the page: what Explore shows is what `tideline sql` answers.

tideline-test: timeout=600
"""

import os
import pathlib

from support.cases import Cases
from support.explore import explore
from support.real import BUSINESSES, import_all, query
from support.serving import serving

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
QUERY = ("select event, count(distinct customer_id) as learners from events "
         "where type = 'track' group by event order by event")


def main():
    cases = Cases()
    folder = TMP / "oulad"
    import_all(BUSINESSES["oulad"], folder)
    rows = query(folder, QUERY)
    assert rows, "nothing was imported"
    with serving(folder) as base:
        explore(cases, base, QUERY, rows)
    cases.finish()


main()

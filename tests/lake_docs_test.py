"""docs/lake.md lists the views of `tideline sql` with the columns that they have.

tideline-test: timeout=120
"""

import json
import os
import pathlib
import re
import subprocess

from support.cases import Cases

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
PACKS_OWN = ("features", "predictions")  # their figures are the pack's, in its order


def documented():
    """{view: [(column or None where the pack says, type)]}."""
    page = (ROOT / "docs/lake.md").read_text()
    views = {}
    for name, text in re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", page, re.MULTILINE | re.DOTALL):
        rows = re.findall(r"^\| (?:`(\w+)`|(one a [^|]*)) \| (\w+) \|", text, re.MULTILINE)
        views[name] = [(column or None, kind) for column, _, kind in rows]
    return views


def run(*words):
    result = subprocess.run([os.environ["TIDELINE_BIN"], *words], capture_output=True, text=True,
                            check=False)
    assert result.returncode == 0, f"{words}: status {result.returncode}: {result.stderr}"
    return result.stdout


def columns_of(view):
    """[(column, type)] of a view, as the program has it."""
    query = f"select column_name, column_type from (describe {view})"
    answer = json.loads(run("sql", query, "--json", "--data", "folder"))
    rows = answer["rows"] if isinstance(answer, dict) else answer
    return [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in rows]


def main():
    cases = Cases()
    with cases.case("a small folder"):
        run("generate", "--pack", "marketplace", "--customers", "20", "--days", "60", "--seed",
            "7", "--out", "history")
        files = sorted(str(path) for path in pathlib.Path("history").glob("events-*.parquet"))
        run("import", *files, "--pack", "marketplace", "--data", "folder")
    for view, columns in documented().items():
        with cases.case(f"view {view}"):
            real = columns_of(view)
            if view not in PACKS_OWN:
                assert columns == real[:len(columns)], f"page {columns}, program {real}"
                assert view == "events" or len(columns) == len(real), f"program has {real}"
                continue
            place = [column for column, _ in columns].index(None)
            tail = len(columns) - place - 1
            assert columns[:place] == real[:place], f"page {columns}, program {real}"
            assert columns[place + 1:] == real[len(real) - tail:], f"page {columns}, {real}"
            figures = real[place:len(real) - tail]
            assert figures and all(kind == "DOUBLE" for _, kind in figures), figures
    cases.finish()


main()

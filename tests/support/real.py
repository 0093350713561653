"""Real data sets in a data folder: import them, ask the folder, hold it against what came in.

    from support.real import BUSINESSES, import_all, query
    summary = import_all(BUSINESSES["cdnow"], "folder")
    [[orders]] = query("folder", "select count(*) from events")
"""

import csv
import dataclasses
import hashlib
import io
import json
import os
import pathlib

from support.oracle import ROOT, program

DATA = pathlib.Path(os.environ.get("TIDELINE_DATA", "data"))
FATES = ("applied", "late_applied", "duplicate", "dead_lettered")


@dataclasses.dataclass(frozen=True)
class Business:
    """A data set with the pack and the import map that it goes by."""

    pack: str
    map: str
    source: str
    patterns: tuple

    def files(self):
        folder = DATA / self.source
        found = sorted(path for pattern in self.patterns for path in folder.glob(pattern))
        assert found, f"no files in {folder}"
        return found


BUSINESSES = {
    "cdnow": Business("commerce", "cdnow", "cdnow", ("CDNOW_master.txt",)),
    "online-retail": Business("commerce", "online-retail-lines", "online-retail", ("lines_*",)),
    "complete-journey": Business("commerce", "complete-journey", "complete-journey",
                                 ("*.csv", "*.csv.gz")),
    "oulad": Business("learning", "oulad", "oulad", ("*.csv", "*.csv.gz")),
}


def import_command(business, folder, files=None):
    """The words of an import, without the program's name."""
    return ["import", *(files or business.files()), "--map",
            ROOT / f"packs/{business.pack}/import/{business.map}.toml", "--pack",
            ROOT / "packs" / business.pack, "--data", folder, "--json"]


def import_all(business, folder, files=None):
    """Imports and returns what the program says came of it; fails where it does not add up."""
    summary = json.loads(program(*import_command(business, folder, files), expect=(0, 3)))
    assert summary["received"] == sum(summary[fate] for fate in FATES), summary
    assert summary["dead_lettered"] == sum(summary["codes"].values()), summary
    return summary


def text_of(folder, sql):
    """The CSV that `tideline sql` answers, whole."""
    return program("sql", sql, "--data", folder, "--csv")


def query(folder, sql):
    """Rows of texts that `tideline sql` answers."""
    return list(csv.reader(io.StringIO(text_of(folder, sql))))[1:]


def features_digest(folder, at=None):
    """Hash of the bytes of the features' CSV, and how many lines it has."""
    words = ["--at", at] if at else []
    out = f"{folder}-features.csv"
    program("features", "--data", folder, *words, "--format", "csv", "--out", out)
    content = pathlib.Path(out).read_bytes()
    return hashlib.sha256(content).hexdigest(), content.count(b"\n")


def contents(folder, at):
    """All that an import leaves behind and a second one must not change: {what: digest}."""
    asked = {
        # Shard offsets and stored times differ from run to run; these do not.
        "events": "select customer_id, event_time, arrival_time, message_id, type, event, source, "
                  "properties from events order by all",
        "dead letters": "select code, reason, payload, payload_bytes, payload_hash, source, "
                        "customer_id, status from dead_letters order by all",
        "customers": "select * from customers order by all",
    }
    found = {}
    for what, sql in asked.items():
        text = text_of(folder, sql)
        found[what] = (hashlib.sha256(text.encode()).hexdigest(), text.count("\n"))
    found["features"] = features_digest(folder, at)
    return found


def check_same(found, expected):
    """Fails with the names of what differs."""
    for what, value in expected.items():
        assert found[what] == value, f"{what}: {found[what]} instead of {value}"

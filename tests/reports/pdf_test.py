"""PDF files from made-up facts: sound, fonts embedded, right pages, figures as given, no overflow.

tideline-test: timeout=180
"""

import os
import pathlib
import re
import shutil
import subprocess

from support.cases import Cases, Skip

DRAW = pathlib.Path(os.environ["TIDELINE_BUILD"]) / "draw_reports"
SOURCE = os.environ["TIDELINE_SOURCE"]
PAGES = {"engagement": 7, "cost": 7, "architecture": 8}
TIME_MAX_MS = 500
BOX = r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)"'
FIGURES = {  # of tests' facts: src/reports/test_facts.h
    "engagement": ["100,000", "58,767", "30,118", "5,612,345", "0.371", "48.9 %", "$61.20",
                   "0.912", "7,913", "8.1 %", "+4.2 points", "$170,000", "$18,000", "7,512"],
    "cost": ["60,000,000", "120,000,000", "$0.625", "$0.0000166667", "$31,420", "$0.1008"],
    "architecture": ["815,000", "48,900", "SOC 2"],
}


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, check=False)


def needs(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise Skip(f"not installed: {', '.join(missing)}")


def drawn(folder):
    pathlib.Path(folder).mkdir()
    result = run(DRAW, folder, SOURCE)
    assert result.returncode == 0, result.stderr.decode()
    lines = [line.split() for line in result.stdout.decode().splitlines()]
    return {pathlib.Path(words[0]): (int(words[1]), float(words[2])) for words in lines}


def kind_of(path):
    return path.stem.rsplit("-", 1)[1]


def text_of(path):
    return run("pdftotext", "-layout", path, "-").stdout.decode()


cases = Cases()
files = drawn("first")
with cases.case("three reports, three kinds of facts, two sizes of paper"):
    assert len(files) == 18, sorted(files)
with cases.case("7, 7 and 8 pages, also without data and with names of 200 characters"):
    for path, (pages, _) in files.items():
        assert pages == PAGES[kind_of(path)], f"{path}: {pages}"
with cases.case("qpdf finds nothing wrong"):
    needs("qpdf")
    for path in files:
        result = run("qpdf", "--check", path)
        assert result.returncode == 0, f"{path}: {result.stdout.decode()}{result.stderr.decode()}"
with cases.case("every font is embedded, and only as far as it is used"):
    needs("pdffonts")
    for path in files:
        rows = run("pdffonts", path).stdout.decode().splitlines()[2:]
        assert rows, path
        for row in rows:
            assert re.search(r" yes +yes +yes ", row), f"{path}: {row}"
with cases.case("pages of the paper asked for, as many as promised"):
    needs("pdfinfo")
    for path in files:
        facts = run("pdfinfo", path).stdout.decode()
        assert re.search(rf"Pages: +{PAGES[kind_of(path)]}\n", facts), facts
        assert ("A4" in facts) == ("-a4-" in path.name), facts
        assert "Title:" in facts and "2026 " in facts, facts
with cases.case("figures stand in the text as they were given"):
    needs("pdftotext")
    for path in files:
        if path.name.startswith("full-"):
            text = text_of(path)
            for figure in FIGURES[kind_of(path)]:
                assert figure in text, f"{path}: no {figure}"
with cases.case("without data it says so, and no number is made up"):
    needs("pdftotext")
    for path in files:
        if path.name.startswith("empty-"):
            text = text_of(path)
            assert "ot enough data" in text, path
            assert not re.search(r"\bnan\b|\binf\b", text), path
            if kind_of(path) == "engagement":
                assert text.count("ot enough data") > 10, text.count("ot enough data")
with cases.case("no letter outside the margins"):
    needs("pdftotext")
    for path in files:
        boxes = run("pdftotext", "-bbox", path, "-").stdout.decode()
        page = re.search(r'width="([\d.]+)" height="([\d.]+)"', boxes)
        width, height = map(float, page.groups())
        words = re.findall(BOX, boxes)
        assert len(words) > 100, path
        for word in words:
            left, top, right, bottom = map(float, word)
            assert left > 40 and right < width - 40, f"{path}: {word}"
            assert top > 20 and bottom < height - 20, f"{path}: {word}"
with cases.case("contents, outline and page numbers"):
    needs("pdftotext", "qpdf")
    for path in files:
        first = run("pdftotext", "-layout", "-l", 1, path, "-").stdout.decode()
        assert "Contents" in first and "Page 1 of" in first, path
        outline = run("qpdf", "--json", "--json-key=outlines", path).stdout.decode()
        assert outline.count('"title"') == PAGES[kind_of(path)], path
with cases.case(f"each is drawn within {TIME_MAX_MS} ms"):
    slow = {path.name: ms for path, (_, ms) in files.items() if ms > TIME_MAX_MS}
    assert not slow or os.environ.get("TIDELINE_SANITIZE"), slow
with cases.case("another process draws the same bytes"):
    for path in drawn("second"):
        assert path.read_bytes() == (pathlib.Path("first") / path.name).read_bytes(), path
cases.finish()

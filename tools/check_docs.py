#!/usr/bin/env python3
"""Checks the pages: relative links and anchors resolve, README commands are marked, words agree.

    tools/check_docs.py [--root DIR]

Prints one line a violation, "FILE:LINE: what", and exits 1 when there is any.
"""

import pathlib
import re
import subprocess
import sys
import urllib.parse

import checker
from readme_commands import PAGES as COMMAND_PAGES
from readme_commands import ReadmeError, blocks

LINK = re.compile(r"(?<!\\)!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
ARCHITECTURE_LINES_MAX = 120  # one page
# One concept, one word: what must not be said instead (docs/glossary.md).
WRONG_WORDS = {
    r"dead[- ]letter queue|DLQ": "dead letters",
    r"data ?lake\b": "lake",
    r"feature vectors? store|feature store": "state",
}


def pages(root):
    if (root / ".git").exists():
        names = subprocess.run(
            ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard",
             "--", "*.md"], check=True, capture_output=True, text=True).stdout.split("\n")
        return sorted(root / name for name in names if name and (root / name).exists())
    return sorted(root.rglob("*.md"))


def prose(text):
    """`text` with fenced blocks and inline code blanked; lines are kept."""
    text = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                  flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group(0)), text)


def anchors(text):
    """The anchors that a page offers, made from its headings as forges make them."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", prose_keeping_code(text), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        anchor, number = plain.replace(" ", "-"), 1
        while anchor in found:
            anchor = f"{plain.replace(' ', '-')}-{number}"
            number += 1
        found.add(anchor)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def prose_keeping_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def broken_link(root, page, target):
    """Why a link's target is wrong, or None."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None  # elsewhere; nothing is fetched here
    path, _, anchor = target.partition("#")
    file = page if not path else (page.parent / urllib.parse.unquote(path)).resolve()
    if path.startswith("/"):
        return f"{target}: use a relative link"
    if not file.exists():
        return f"{target}: there is no such file"
    if root not in file.parents and file != root:
        return f"{target}: outside the project"
    if anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
        return f"{target}: no heading of that name"
    return None


def check_page(root, page):
    text = page.read_text()
    flat = prose(text)
    for pattern in (LINK, REFERENCE):
        for match in pattern.finditer(flat):
            why = broken_link(root, page, match.group(1))
            if why:
                yield flat.count("\n", 0, match.start()) + 1, why
    for wrong, right in WRONG_WORDS.items():
        for match in re.finditer(wrong, flat):
            line = flat.count("\n", 0, match.start()) + 1
            yield line, f"'{match.group(0)}': the word here is '{right}' (docs/glossary.md)"


def check_glossary(root):
    """Every word of the glossary has one entry, in alphabetical order."""
    page = root / "docs/glossary.md"
    if not page.exists():
        return
    words = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        entry = re.match(r"\*\*([^*]+)\*\*", line)
        if entry:
            words.append((entry.group(1), number))
    for (before, _), (word, line) in zip(words, words[1:]):
        if word.lower() <= before.lower():
            yield line, f"'{word}' stands behind '{before}'; keep the alphabet, one entry a word"


def check(root):
    """All violations of the pages below `root`, as lines."""
    for page in pages(root):
        for line, what in check_page(root, page):
            yield f"{page.relative_to(root)}:{line}: {what}"
    for line, what in check_glossary(root):
        yield f"docs/glossary.md:{line}: {what}"
    architecture = root / "ARCHITECTURE.md"
    if architecture.exists():
        lines = len(architecture.read_text().splitlines())
        if lines > ARCHITECTURE_LINES_MAX:
            yield f"ARCHITECTURE.md:1: {lines} lines; it stays one page ({ARCHITECTURE_LINES_MAX})"
    for name in COMMAND_PAGES:
        if not (root / name).exists():
            continue
        try:
            blocks((root / name).read_text())
        except ReadmeError as error:
            yield f"{name}:{error}"


if __name__ == "__main__":
    sys.exit(checker.run("docs", check, __doc__))

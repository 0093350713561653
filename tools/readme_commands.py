"""The commands of README.md and docs/tour.md, as tests/readme_test.py runs them.

Every block fenced as ```sh has a mark on the line before it, which pages do not show:

    <!-- run -->                  run it; it must end with status 0
    <!-- run: says TEXT -->       and TEXT must stand in what it prints
    <!-- server -->               start it, wait until it is ready; it is stopped at the end
    <!-- not run: WHY -->         it cannot be run by a test, and why

Blocks run one after the other in one shell, so that a variable set by one is there for the next.
"""

import dataclasses
import re

PAGES = ("README.md", "docs/tour.md")

_MARK = re.compile(r"<!--\s*(run|server|not run)(?::\s*(?:says )?(.*?))?\s*-->\s*$")


class ReadmeError(Exception):
    """A block without a mark that can be understood; the text starts with its line."""


@dataclasses.dataclass
class Block:
    """One fenced block: where it starts, how it is run ("run", "server", "not run"), its text."""

    line: int
    kind: str
    says: str
    text: str


def blocks(markdown):
    """The ```sh blocks of a page, in order; ReadmeError where one is not marked."""
    found, lines = [], markdown.splitlines()
    number = 0
    while number < len(lines):
        if lines[number].strip() == "```sh":
            mark = _MARK.search(lines[number - 1]) if number else None
            if not mark:
                raise ReadmeError(f"{number + 1}: a block of commands needs a mark before it")
            if mark.group(1) == "not run" and not mark.group(2):
                raise ReadmeError(f"{number}: say why it is not run")
            end = number + 1
            while end < len(lines) and lines[end].strip() != "```":
                end += 1
            if end == len(lines):
                raise ReadmeError(f"{number + 1}: the block has no end")
            text = "\n".join(lines[number + 1:end])
            found.append(Block(number + 1, mark.group(1), mark.group(2) or "", text))
            number = end
        number += 1
    return found

#!/usr/bin/env python3
"""Checks the rules of style that a formatter does not: sizes, names, hidden inputs, leftovers.

    tools/check_style.py [--root DIR]

CONTRIBUTING.md names the rules; tools/style_exceptions.txt the few places where one does not hold.
Prints one line a violation, "FILE:LINE: RULE: what", and exits 1 when there is any.
"""

import ast
import pathlib
import re
import subprocess
import sys

import checker
from check_layers import is_test_file
from cxx_text import functions, without_comments_and_strings

FILE_LINES_MAX = 799
FUNCTION_LINES_MAX = 69
COLUMNS_MAX = 99
TEXT_COLUMNS_FREE = {".md", ".json", ".toml", ".sql", ".txt", ".golden", ".yaml", ".csv", ".html"}
CODE = {".h", ".cc", ".py", ".sh", ".mjs", ".js", ".ts", ".tsx", ".cmake"}
BANNED_PARTS = {"manager", "managers", "helper", "helpers", "util", "utils", "utility",
                "utilities", "data", "info", "infos", "processor2"}
LEFTOVERS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
HOME_PATHS = re.compile(r"(?<![\w.$}/])/(ho" r"me|ro" r"ot|Us" r"ers|wor" r"k(space)?)/\w")
DATA_SETS = re.compile(
    r"ou" r"lad|cd" r"now|online.?retail|complete.?journey|hills" r"trom|spark" r"ify|"
    r"tel" r"co(?!m)|ml" r"c.?churn|saas.?churn", re.IGNORECASE)

CORE = {"base", "domain", "packs", "features", "scoring"}
# Modules that are handed their time and chance.
LOGIC = CORE | {"learning", "simulator", "ports", "pipeline", "insights", "config", "api"}
ALL_BUT_APP = LOGIC | {"adapters", "http", "telemetry"}
# rule -> (modules where it holds; whether also in tests; what is not allowed)
HIDDEN_INPUTS = {
    "clock": (LOGIC, True, re.compile(
        r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now\b|"
        r"\b(gettimeofday|clock_gettime|localtime\w*)\s*\(|(std::|[^\w.>:])time\s*\(\s*"
        r"(NULL|nullptr|0|&\w+)\s*\)")),
    "sleep": (ALL_BUT_APP, True, re.compile(
        r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(|"
        r"(?<![\w.>:])sleep\s*\(")),
    "chance": (ALL_BUT_APP, True, re.compile(
        r"\b(random_device|mt19937\w*|random_shuffle|default_random_engine)\b|"
        r"(?<![\w.>])s?rand(om)?\s*\(")),
    "environment": (ALL_BUT_APP, False, re.compile(r"\b(secure_)?getenv\s*\(")),
    "printing": (CORE, False, re.compile(
        r"\bstd::(cout|cerr|clog)\b|\b(printf|fprintf|puts|fputs|fopen)\s*\(")),
}
TYPE_NAMES = re.compile(
    r"\b(?:class|struct|union|enum(?:\s+class|\s+struct)?|concept|namespace)\s+"
    r"(?:\[\[[^\]]*\]\]\s*|alignas\([^)]*\)\s*)*([A-Za-z_]\w*)|\busing\s+([A-Za-z_]\w*)\s*=")


class Exceptions:
    """tools/style_exceptions.txt: lines `FILE RULE why`. One that is not needed is a violation."""

    def __init__(self, path):
        self.path = path
        self.unused = {}
        lines = path.read_text().splitlines() if path.exists() else []
        for number, line in enumerate(lines, 1):
            words = line.split("#", 1)[0].split(maxsplit=2)
            if len(words) == 3:
                self.unused[(words[0], words[1])] = number
            elif words:
                sys.exit(f"{path}:{number}: want: FILE RULE why")
        self.all = set(self.unused)

    def covers(self, name, rule):
        self.unused.pop((name, rule), None)
        return (name, rule) in self.all


def tracked_files(root):
    """Files of the project: what git tracks or would track; outside git, all below `root`."""
    if (root / ".git").exists():
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], check=True, capture_output=True).stdout.decode()
        paths = [root / name for name in listing.split("\0") if name]
    else:
        paths = sorted(root.rglob("*"))
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def read_text(path):
    raw = path.read_bytes()
    if b"\0" in raw[:8192]:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def name_parts(name):
    """The words of a CamelCase or snake_case name, in lower case."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*\d*|[a-z]+\d*", name)]


def check_sizes(path, lines):
    if len(lines) > FILE_LINES_MAX:
        yield 1, "file-length", f"{len(lines)} lines; at most {FILE_LINES_MAX}"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX and "http" not in line:
            yield number, "columns", f"{len(line)} columns; at most {COLUMNS_MAX}"
        if "\t" in line and path.suffix != ".mk":
            yield number, "tab", "a tab; indent with blanks"


def check_first_line(path, lines):
    head = [line for line in lines[:4] if not line.startswith("#!")]
    first = head[0] if head else ""
    if path.suffix == ".h":
        wanted = first.startswith("//")
    elif path.suffix == ".cc":
        header = path.with_name(path.stem.removesuffix("_test") + ".h")
        wanted = first.startswith("//") or header.exists()
    elif path.suffix == ".py":
        wanted = first.startswith(('"""', "#"))
    elif path.suffix in (".sh", ".cmake"):
        wanted = first.startswith("#")
    elif path.suffix in (".mjs", ".js", ".ts", ".tsx"):
        wanted = first.startswith(("//", "/*"))
    else:
        wanted = True
    if not wanted:
        yield 1, "first-line", "the first lines must say what the file is for"
    if path.suffix == ".h" and "#pragma once" not in lines:
        yield 1, "pragma-once", "a header needs #pragma once"


def check_names(path, code):
    for part in name_parts(path.stem):
        if part in BANNED_PARTS:
            yield 1, "file-name", f"'{part}' says nothing; name the noun"
    for match in TYPE_NAMES.finditer(code):
        name = match.group(1) or match.group(2)
        bad = [part for part in name_parts(name) if part in BANNED_PARTS]
        if bad:
            line = code.count("\n", 0, match.start()) + 1
            yield line, "type-name", f"{name}: '{bad[0]}' says nothing; name the noun"


def check_cxx(relative, text, code):
    for start, end, name in functions(code):
        if end - start + 1 > FUNCTION_LINES_MAX:
            yield start, "function-length", (
                f"{name}: {end - start + 1} lines; at most {FUNCTION_LINES_MAX}")
    if not relative.startswith("src/"):
        return
    module = relative.split("/")[1]
    is_test = is_test_file(pathlib.PurePosixPath(relative))
    for rule, (modules, in_tests, pattern) in HIDDEN_INPUTS.items():
        if module in modules and (in_tests or not is_test):
            for match in pattern.finditer(code):
                line = code.count("\n", 0, match.start()) + 1
                yield line, rule, f"{match.group(0).strip()} is a hidden input; pass it in"
    for match in re.finditer(r"\busing\s+namespace\s+std\b", code):
        yield code.count("\n", 0, match.start()) + 1, "using-std", "name what is used"
    for number, line in enumerate(text.splitlines(), 1):
        found = DATA_SETS.search(line)
        if found:
            yield number, "data-set", f"'{found.group(0)}': src/ knows no data set by name"


def check_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, "function-length", (
                    f"{node.name}: {lines} lines; at most {FUNCTION_LINES_MAX}")


def check_text(root, lines):
    """Rules of every text file: nothing unfinished, no path of somebody's machine."""
    checkout = str(root) if len(root.parts) > 2 else None
    for number, line in enumerate(lines, 1):
        leftover = LEFTOVERS.search(line)
        if leftover:
            yield number, "leftover", f"{leftover.group(0)}: finish it or open an issue"
        if HOME_PATHS.search(line) or (checkout and checkout in line):
            yield number, "machine-path", "a path of one machine"


def check_file(root, path):
    relative = path.relative_to(root).as_posix()
    text = read_text(path)
    if text is None:
        return
    lines = text.splitlines()
    yield from check_text(root, lines)
    if path.suffix not in CODE:
        return
    yield from check_sizes(path, lines)
    yield from check_first_line(path, lines)
    if path.suffix in (".h", ".cc"):
        code = without_comments_and_strings(text)
        yield from check_names(path, code)
        yield from check_cxx(relative, text, code)
    else:
        yield from check_names(path, "")
    if path.suffix == ".py":
        yield from check_python(text)


def check(root):
    """All violations below `root`, as lines."""
    exceptions = Exceptions(root / "tools/style_exceptions.txt")
    for path in tracked_files(root):
        relative = path.relative_to(root).as_posix()
        for line, rule, what in check_file(root, path):
            if not exceptions.covers(relative, rule):
                yield f"{relative}:{line}: {rule}: {what}"
    for (name, rule), line in exceptions.unused.items():
        yield f"tools/style_exceptions.txt:{line}: unused: {name} does not need {rule}"


if __name__ == "__main__":
    sys.exit(checker.run("style", check, __doc__))

"""The packs' own scripts pass; one with a wrong expectation, or that cannot be read, fails.

tideline-test: timeout=120
"""

import json
import os
import pathlib
import re
import subprocess

from support.cases import Cases

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
EXPECTATION = re.compile(r"^expect ", re.MULTILINE)


def run(*words):
    return subprocess.run([os.environ["TIDELINE_BIN"], "test", *map(str, words)],
                          capture_output=True, text=True, check=False)


def outcome(*words):
    """(exit status, expectations, failures) of `tideline test --json`."""
    result = run("--json", *words)
    answer = json.loads(result.stdout)
    return result.returncode, answer["expectations"], answer["failures"]


def spoilt(line):
    """The expectation with another value behind it, one that cannot be right as well."""
    words = line.split("#", 1)[0].split()
    if words[1] == "tier":
        words[2] = "churned" if words[2] != "churned" else "thriving"
    else:
        words[-1] = {"true": "false", "false": "true", "none": "poison", "missing": "1"}.get(
            words[-1], "none" if words[-1].isidentifier() else "123456.5")
    return " ".join(words)


def main():
    cases = Cases()
    for pack in sorted(path.parent for path in ROOT.glob("packs/*/pack.toml")):
        scripts = sorted((pack / "tests").glob("*.test"))
        with cases.case(f"pack {pack.name}"):
            assert scripts, "it has no scripts"
            status, expectations, failures = outcome(pack / "tests")
            written = sum(len(EXPECTATION.findall(script.read_text())) for script in scripts)
            assert (status, failures) == (0, []), failures
            assert expectations == written > 0, f"{written} are written, {expectations} ran"
        for script in scripts:
            with cases.case(f"pack {pack.name}: each expectation of {script.name} can fail"):
                lines = script.read_text().splitlines()
                wrong = [number for number, line in enumerate(lines, 1)
                         if EXPECTATION.match(line)]
                for number in wrong:
                    lines[number - 1] = spoilt(lines[number - 1])
                copy = TMP / f"{pack.name}-{script.name}"
                copy.write_text("\n".join([*lines, f"pack {pack}/", ""]))
                status, expectations, failures = outcome(copy)
                assert status == 1, f"status {status}"
                assert [failure["line"] for failure in failures] == wrong, failures

    with cases.case("a failure names file, line, what was expected and what came"):
        script = TMP / "wrong.test"
        script.write_text('pack marketplace\nload c 2025-06-14T12:00:00Z "Session Completed"\n'
                          "advance 2025-06-15T00:00:00Z\nexpect c sessions_7d 2\n")
        result = run(script)
        assert result.returncode == 1, result.returncode
        assert f"{script}:4: expected sessions_7d 2, got 1" in result.stdout, result.stdout
        assert "1 expectations, 1 failed" in result.stdout, result.stdout
    for text, what in [("pack marketplace\nexpct c sessions_7d 2\n", ":2: no verb expct"),
                       ("pack marketplace\nexpect c sesions_7d 2\n", ":2: "),
                       ("pack marketplace\nadvance soon\n", ":2: "),
                       ("expect c sessions_7d 2\n", "names no pack")]:
        with cases.case(f"it cannot be read: {text.splitlines()[-1]}"):
            script = TMP / "unread.test"
            script.write_text(text)
            result = run(script)
            assert result.returncode == 1, result.returncode
            assert what in result.stdout + result.stderr, result.stdout + result.stderr
    with cases.case("a script without an expectation does not pass"):
        script = TMP / "empty.test"
        script.write_text("pack marketplace\nadvance 3d\n")
        assert run(script).returncode == 1
    cases.finish()


main()

"""The command line's help is as in tests/golden/help; UPDATE_GOLDEN=1 (make golden) rewrites it.

tideline-test: timeout=60
"""

import os
import pathlib
import re
import subprocess

from support.cases import Cases

GOLDEN = pathlib.Path(os.environ["TIDELINE_SOURCE"]) / "tests/golden/help"
COMMANDS = [
    "", "serve", "demo", "import", "generate", "features", "sql", "ask", "lake",
    "lake ddl", "snapshot", "model", "model train",
    "model evaluate", "model export", "model list", "model show", "model promote",
    "model rollback", "model lapse",
    "predict", "score", "test", "deadletters", "deadletters list",
    "deadletters show", "deadletters retry", "deadletters drop", "actions", "actions list",
    "actions done", "actions snooze", "actions dismiss", "actions assign", "actions outcome",
    "actions reopen", "pilots", "pilots list", "pilots create", "pilots show", "pilots start",
    "pilots widen", "pilots stop", "pilots measure", "report", "replay", "verify", "keys",
    "keys create", "keys list", "keys revoke", "users", "users create", "users list",
    "users role", "users disable", "users password", "config", "config check", "config print",
    "doctor", "version", "completion",
]


def help_of(command):
    result = subprocess.run(
        [os.environ["TIDELINE_BIN"], *command.split(), "--help"], capture_output=True, text=True,
        check=False, timeout=20, env={**os.environ, "COLUMNS": "100"})
    assert result.returncode == 0, f"status {result.returncode}: {result.stderr}"
    assert "Examples:\n  tideline " in result.stdout, f"it shows no example: {result.stdout}"
    return result.stdout


def is_group(command):
    return any(other != command and other.startswith(f"{command} ".lstrip()) for other in COMMANDS)


def commands_of(text):
    """The names below `Subcommands:` in a help text."""
    below = text.split("Subcommands:\n", 1)[-1].split("\n\n", 1)[0]
    return re.findall(r"^  (\w+)", below, re.MULTILINE)


def main():
    cases = Cases()
    names = set()
    for command in COMMANDS:
        file = GOLDEN / f"{command.replace(' ', '-') or 'tideline'}.txt"
        names.add(file.name)
        with cases.case(f"tideline {command} --help".replace("  ", " ")):
            text = help_of(command)
            if os.environ.get("UPDATE_GOLDEN"):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            assert file.exists(), f"{file.name} is not there; `make golden` writes it"
            assert file.read_text() == text, "it differs from tests/golden/help (make golden)"
    with cases.case("every command that the help lists is here"):
        for command in [name for name in COMMANDS if is_group(name)]:
            listed = commands_of(help_of(command))
            missing = {f"{command} {name}".strip() for name in listed} - set(COMMANDS)
            assert listed and not missing, f"add {sorted(missing)}"
    with cases.case("no golden file is left over"):
        left = {path.name for path in GOLDEN.glob("*.txt")} - names
        assert not left, f"no command for {sorted(left)}"
    cases.finish()


main()

"""The shell of `tideline sql`: from a pipe, and at a terminal with its keys.

tideline-test: timeout=120
"""

import os
import pathlib
import pty
import select
import signal
import subprocess
import termios
import time

import folder
from support.cases import Cases

WAIT_S = 30


class Terminal:
    """The shell at a pseudo-terminal."""

    def __init__(self, data, home):
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=str(home), TERM="xterm", COLUMNS="100")
            os.execv(os.environ["TIDELINE_BIN"], ["tideline", "sql", "--data", data])
        self.seen = ""

    def send(self, text):
        os.write(self.end, text.encode())

    def wait_for(self, text):
        """What came up to and with `text`."""
        deadline = time.monotonic() + WAIT_S
        while text not in self.seen:
            assert time.monotonic() < deadline, f"no {text!r} in {self.seen[-2000:]!r}"
            if select.select([self.end], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.end, 65536).decode("utf-8", "replace")
                except OSError:
                    assert text in self.seen, f"it ended without {text!r}: {self.seen[-2000:]!r}"
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def wait_for_prompt(self):
        """Until it listens: what is typed between the prompt and that is the terminal's to read,
        and an end of file would be lost on it."""
        self.wait_for("tideline> ")
        deadline = time.monotonic() + WAIT_S
        while termios.tcgetattr(self.end)[3] & termios.ICANON:
            assert time.monotonic() < deadline, "the shell does not listen to single keys"
            time.sleep(0.01)

    def ended(self):
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError("the shell does not end")


def piped(cases, data):
    with cases.case("statements from a pipe, over several lines, with quotes and comments"):
        text = folder.run("sql", "--csv", "--data", data, stdin="select 1 as a, ';' as b; -- x;\n"
                          "select /* ; */\n 2 as c\n;\nselect $q$a;b$q$ as d")
        assert text == "a,b\n1,;\nc\n2\nd\na;b\n", text
    with cases.case("dot commands"):
        text = folder.run("sql", "--data", data, stdin=".tables\n.schema customers\n.mode line\n"
                          "select 1 as one, null as two;\n.mode json\nselect 2 as b;\n"
                          ".quit\nnot sql")
        assert text.startswith("events\nfeatures\npredictions\n"), text
        assert "qualifying_events" in text and "one = 1\ntwo = NULL\n" in text, text
        assert text.endswith('[\n{"b":2}\n]\n'), text
    with cases.case("a failure ends a pipe with its status"):
        result = subprocess.run([os.environ["TIDELINE_BIN"], "sql", "--data", data],
                                input="select nothing;\nselect 7 as seven;\n", text=True,
                                capture_output=True, check=False)
        assert result.returncode == 1 and "seven" not in result.stdout, result
        assert "nothing" in result.stderr, result
    with cases.case("tables are drawn"):
        text = folder.run("sql", "--data", data, stdin="select 'ä漢' as name, 12 as n;")
        assert text == ("┌─────────┬─────────┐\n│ name    │ n       │\n│ varchar │ integer │\n"
                        "├─────────┼─────────┤\n│ ä漢     │      12 │\n└─────────┴─────────┘\n"
                        "1 row\n"), text


def at_terminal(cases, data, home):
    with cases.case("at a terminal: a statement, completion, Ctrl-C, history, the end"):
        shell = Terminal(data, home)
        shell.wait_for_prompt()
        shell.send("select count(*) as n\n")
        shell.wait_for("...> ")
        shell.send("from events;\n")
        shell.wait_for("1 row")
        shell.wait_for_prompt()
        shell.send("select 1 as given_up\x03")
        shell.wait_for("^C")
        shell.wait_for_prompt()
        shell.send("select customer_i\tfrom customers limit 1;\n")
        shell.wait_for("1 row")
        shell.wait_for_prompt()
        shell.send("select sum(sin(range)) from range(1000000000000);\n")
        time.sleep(1)  # it runs
        shell.send("\x03")
        shell.wait_for("nterrupt")
        shell.wait_for_prompt()
        shell.send("\x1b[A\x1b[A\n")  # the one before
        shell.wait_for("1 row")
        shell.wait_for_prompt()
        shell.send("\x04")
        assert shell.ended() == 0
    with cases.case("the history is kept, for its owner alone"):
        file = home / ".tideline_sql_history"
        assert "customer_id from customers" in file.read_text().replace("\\040", " "), \
            file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600


def main():
    cases = Cases()
    here = pathlib.Path(os.environ["TIDELINE_TMP"])
    data = str(here / "folder")
    folder.filled(data, customers=10, days=10)
    piped(cases, data)
    home = here / "home"
    home.mkdir()
    at_terminal(cases, data, home)
    cases.finish()


main()

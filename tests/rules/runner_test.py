"""The test runner counts what it should: passes, failures, crashes, time-outs, silence; and
.ci/run sums its parts.

tideline-test: needs=none timeout=120
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from support.cases import Cases

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])

# What a GoogleTest program that dies in its second case prints; it writes no report.
CRASH = """#!/bin/sh
echo '[ RUN      ] Suite.first'
echo '[       OK ] Suite.first (0 ms)'
echo '[ RUN      ] Suite.second'
echo 'about to die'
kill -SEGV $$
"""
REPORT = """#!/bin/sh
for word; do case "$word" in --gtest_output=json:*) file=${word#*:} ;; esac; done
cat >"$file" <<'TEXT'
{"testsuites": [{"name": "S", "testsuite": [
  {"name": "a", "status": "RUN", "result": "COMPLETED", "time": "0.1s"},
  {"name": "b", "status": "RUN", "result": "SKIPPED", "time": "0s"},
  {"name": "c", "status": "NOTRUN", "result": "SUPPRESSED", "time": "0s"},
  {"name": "d", "status": "RUN", "result": "COMPLETED", "time": "0s",
   "failures": [{"failure": "want 3", "type": ""}]}]}]}
TEXT
exit 1
"""
CLEAN = "echo 'ok first'\necho 'ok second: with words'\necho 'skip third: no disk'\n"
SCRIPTS = {
    "clean": (CLEAN, "2 passed, 0 failed, 1 skipped"),
    "broken": ("echo 'ok a'\necho 'not ok b: 3 is not 4'\nexit 1\n", "1 passed, 1 failed"),
    "status": ("echo 'ok a'\nexit 3\n", "1 passed, 1 failed"),
    "silent": ("echo nothing to say\n", "0 passed, 1 failed"),
    "slow": ("# tideline-test: timeout=1\necho 'ok a'\nsleep 60\n", "1 passed, 1 failed"),
}


def lay_out(root):
    (root / "tools").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "build").mkdir()
    shutil.copy(ROOT / "tools/run_tests.py", root / "tools")
    (root / "build/tideline").touch()
    (root / "build/CTestTestfile.cmake").write_text("")


def run(root, *words):
    result = subprocess.run(
        [sys.executable, "tools/run_tests.py", "--build", "build", *words], cwd=root, check=False,
        capture_output=True, text=True)
    return result.stdout.splitlines()[-1], result.returncode, result.stdout


def add_program(root, name, text):
    file = root / "build" / name
    file.write_text(text)
    file.chmod(0o755)
    with open(root / "build/CTestTestfile.cmake", "a", encoding="utf-8") as listing:
        listing.write(f'add_test({name} "{file}")\n')


def check_scripts(cases, root):
    with cases.case("no test at all is a failure"):
        line, status, _ = run(root)
        assert (line, status) == ("0 passed, 0 failed", 1), (line, status)
    for name, (text, wanted) in SCRIPTS.items():
        (root / f"tests/{name}_test.sh").write_text(text)
        with cases.case(f"a script that is {name}"):
            line, status, output = run(root, "--only", name)
            assert line == wanted, output
            assert status == (0 if name == "clean" else 1), status
    with cases.case("all together"):
        line, status, output = run(root)
        assert line == "5 passed, 4 failed, 1 skipped" and status == 1, output
        assert "3 is not 4" in output and "timed out after 1 s" in output, output


def check_interrupt(cases, root):
    (root / "tests/long_test.sh").write_text("echo $$ >$TIDELINE_SOURCE/pid\nsleep 300\n")
    with cases.case("an interrupted run leaves nothing running"):
        runner = subprocess.Popen(
            [sys.executable, "tools/run_tests.py", "--build", "build", "--only", "long"], cwd=root,
            stdout=subprocess.DEVNULL)
        pid_file, deadline = root / "pid", time.monotonic() + 30
        while not (pid_file.exists() and pid_file.read_text().strip()):
            assert time.monotonic() < deadline, "it did not start"
            time.sleep(0.02)
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(timeout=30) == 128 + signal.SIGTERM
        command = pathlib.Path(f"/proc/{pid_file.read_text().strip()}/cmdline")
        while command.exists() and "long_test" in command.read_text():
            assert time.monotonic() < deadline, "it still runs"
            time.sleep(0.02)
    (root / "tests/long_test.sh").unlink()


def check_programs(cases, root):
    add_program(root, "crash_test", CRASH)
    add_program(root, "report_test", REPORT)
    with cases.case("a program that dies fails the case that ran"):
        line, _, output = run(root, "--only", "crash_test")
        assert line == "1 passed, 1 failed", output
        assert "failed: Suite.second" in output and "killed by SIGSEGV" in output, output
        assert "about to die" in output, output
    with cases.case("the cases of a report are counted"):
        line, _, output = run(root, "--only", "report_test")
        assert line == "1 passed, 1 failed, 1 skipped" and "want 3" in output, output


def check_real(cases, root):
    (root / "tests/real").mkdir()
    (root / "tests/real/a_test.sh").write_text("ls $TIDELINE_DATA/set && echo ok set\n")
    with cases.case("absent data sets are skipped, saying so"):
        line, status, output = run(root, "--real", "nowhere")
        assert (line, status) == ("0 passed, 0 failed, 1 skipped", 0), output
        assert "there is no folder nowhere" in output, output
    with cases.case("tests over real data run apart"):
        (root / "sets/set").mkdir(parents=True)
        line, status, output = run(root, "--real", "sets")
        assert (line, status) == ("1 passed, 0 failed", 0), output


def check_ci(cases, root):
    (root / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", root / ".ci/run")
    for name, test, real, wanted, status in [
            ("green", "3 passed, 0 failed", "4 passed, 0 failed, 1 skipped",
             "7 passed, 0 failed, 1 skipped", 0),
            ("red", "3 passed, 2 failed", "4 passed, 0 failed", "7 passed, 2 failed", 1),
            ("without a closing line", "build error", "1 passed, 0 failed",
             "1 passed, 1 failed", 1)]:
        (root / "Makefile").write_text(
            f"test:\n\t@echo '{test}'\ntest-real:\n\t@echo '{real}'\n")
        with cases.case(f".ci/run when {name}"):
            result = subprocess.run([".ci/run"], cwd=root, capture_output=True, text=True,
                                    check=False)
            assert result.stdout.splitlines()[-1] == wanted, result.stdout
            assert result.returncode == status, result.returncode


def main():
    cases = Cases()
    lay_out(TMP / "tree")
    check_scripts(cases, TMP / "tree")
    check_interrupt(cases, TMP / "tree")
    check_programs(cases, TMP / "tree")
    check_real(cases, TMP / "tree")
    check_ci(cases, TMP / "ci")
    cases.finish()


main()

"""clang-tidy's settings find the mistakes and names that they are there for.

The tree itself is checked by `make check` and `make tidy`, which take too long for every test run.

tideline-test: needs=none timeout=120
"""

import os
import pathlib
import subprocess

from support.cases import Cases

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
FINE = """
constexpr int kLimit = 3;
class Queue {
 public:
  explicit Queue(int size) : size_(size) {}
  int size() const { return size_; }

 private:
  int size_;
};
enum class Colour { red, green };
int twice(int value) { return value < kLimit ? 2 * value : 0; }
"""
# What is planted -> the check that must find it.
PLANTED = {
    "int BadName() { return 1; }": "readability-identifier-naming",
    "class lower_type {};": "readability-identifier-naming",
    "constexpr int limit_Of = 3;": "readability-identifier-naming",
    "class C { int open = 0; public: int f() { return open; } };": "readability-identifier-naming",
    "struct S { S(int x); };": "google-explicit-constructor",
    "int f(int a) { if (a > 1 && a > 1) return 1; return 0; }": "misc-redundant-expression",
    "int g(int a) { if (a > 1); return 2; }": "bugprone-suspicious-semicolon",
}


def tidy(name, text):
    file = pathlib.Path(os.environ["TIDELINE_TMP"]) / f"{name}.cc"
    file.write_text(text + "\n")
    return subprocess.run(
        ["clang-tidy", "--quiet", f"--config-file={ROOT / '.clang-tidy'}",
         "--warnings-as-errors=*", str(file), "--", "-std=c++20"],
        capture_output=True, text=True, check=False)


def main():
    cases = Cases()
    with cases.case("what is right passes"):
        result = tidy("fine", FINE)
        assert result.returncode == 0, result.stdout
    for number, (text, check) in enumerate(PLANTED.items()):
        with cases.case(f"planted {number}, {check}"):
            result = tidy(f"planted{number}", text)
            assert result.returncode != 0 and check in result.stdout, f"{text}: {result.stdout}"
    cases.finish()


main()

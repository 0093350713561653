"""The rules of style hold, and the checker finds each kind of breach that is planted for it.

tideline-test: needs=none timeout=120
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
sys.path.insert(0, str(ROOT / "tools"))

import check_style  # noqa: E402
import cxx_text  # noqa: E402
from support.cases import Cases  # noqa: E402

HEAD = "// What this is for.\n#pragma once\n"


def body(lines):
    return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"


# file -> (text, rules that it breaks)
PLANTED = {
    "src/domain/fine.h": (HEAD + body(69) + "// " + "x" * 96 + "\n", []),
    "src/domain/long_function.h": (HEAD + body(70), ["function-length"]),
    "src/domain/long_file.h": (HEAD + "int x;\n" * 798, ["file-length"]),
    "src/domain/wide.h": (HEAD + "// " + "x" * 97 + "\n", ["columns"]),
    "src/domain/tab.h": (HEAD + "int\tx;\n", ["tab"]),
    "src/domain/silent.h": ("#pragma once\n", ["first-line"]),
    "src/domain/twice.h": ("// What this is for.\n", ["pragma-once"]),
    "src/domain/event_helper.h": (HEAD, ["file-name"]),
    "src/domain/types.h": (HEAD + "class [[nodiscard]] QueueManager {};\n", ["type-name"]),
    "src/domain/alias.h": (HEAD + "using EventInfo = int;  // struct TimeUtil\n", ["type-name"]),
    "src/domain/database.h": (HEAD + "struct Database { int data; };\n", []),
    "src/features/now.cc": ("// Why.\nauto t = std::chrono::system_clock::now();\n", ["clock"]),
    "src/app/now.cc": ("// Why.\nauto t = std::chrono::steady_clock::now();\n", []),
    "src/pipeline/wait.cc": ("// Why.\nvoid f() { std::this_thread::sleep_for(x); }\n", ["sleep"]),
    "src/http/env.cc": ('// Why.\nauto e = std::getenv("HOME");\n', ["environment"]),
    "src/config/env_test.cc": ('// Why.\nauto e = std::getenv("HOME");\n', []),
    "src/domain/fine_test.cc": ("int x;\n", []),
    "src/domain/alone_test.cc": ("int x;\n", ["first-line"]),
    "src/simulator/dice.cc": ("// Why.\nint d = rand();\nauto e = r.rand();\n", ["chance"]),
    "src/packs/print.cc": ('// Why.\nvoid f() { std::cout << "x"; }\n', ["printing"]),
    "src/packs/quiet.cc": ('// Why.\nauto s = "std::cout << rand()";  // getenv(\n', []),
    "src/learning/known.cc": ("// As in ou" "lad.\n", ["data-set"]),
    "src/learning/later.cc": ("// Why.\n// TO" "DO: the rest\n", ["leftover"]),
    "docs/place.md": ("See /ho" "me/somebody/notes.\n", ["machine-path"]),
    "tools/long.py": ('"""Why."""\n\n\ndef f():\n' + "    g()\n" * 69, ["function-length"]),
    "tools/bare.py": ("import os\n", ["first-line"]),
}

SHAPES = """namespace a {
struct S {
  S() : x{1},
        y(2) {
    f();
  }
  int g() const noexcept { return 1; }
  int x{0};
};
int constant = [] { return 3; }();
const char* text = "{ ( } \\" {";
std::string raw = R"(}}} " { )";
int big = 1'000'000;
#define MACRO(x) { if (x) {
auto h(int a,
       int b) -> int {
  struct Local { void m() {} };
  return [&] { return a + b; }();
}
enum class E { one, two };
template <class T>
T& operator[](T t) {
  return t;
}
}
"""
SHAPES_WANTED = [(3, 6), (7, 7), (15, 19), (21, 24)]


def main():
    cases = Cases()
    with cases.case("the rules of style hold"):
        violations = list(check_style.check(ROOT))
        assert not violations, f"{len(violations)}: " + "; ".join(violations[:20])

    root = pathlib.Path(os.environ["TIDELINE_TMP"]) / "planted"
    for name, (text, _) in PLANTED.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "tools/style_exceptions.txt").write_text(
        "src/domain/tab.h tab it may\nsrc/domain/fine.h columns it need not\n")
    found = list(check_style.check(root))
    for name, (_, rules) in PLANTED.items():
        said = sorted(line.split(": ")[1] for line in found if line.startswith(name + ":"))
        wanted = [] if name == "src/domain/tab.h" else rules
        with cases.case(f"planted in {name}"):
            assert said == wanted, f"want {wanted}, said {said}"
    with cases.case("an exception that is not needed is a violation"):
        assert any("unused: src/domain/fine.h" in line for line in found), found
    with cases.case("functions are told from other braces"):
        code = cxx_text.without_comments_and_strings(SHAPES)
        spans = [(first, last) for first, last, _ in cxx_text.functions(code)]
        assert spans == SHAPES_WANTED, spans
    cases.finish()


main()

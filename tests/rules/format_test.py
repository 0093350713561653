"""The tree is as clang-format leaves it, and the check finds a file that is not.

tideline-test: needs=none timeout=300
"""

import os
import pathlib
import shutil
import subprocess

from support.cases import Cases

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])


def check(root):
    return subprocess.run(["tools/format.sh", "--all"], cwd=root, capture_output=True, text=True,
                          check=False)


def plant(root):
    """A repository of its own with one file that is not formatted."""
    (root / "src/base").mkdir(parents=True)
    (root / "tools").mkdir()
    for name in ("format.sh", "changed_files.sh"):
        shutil.copy(ROOT / "tools" / name, root / "tools" / name)
    shutil.copy(ROOT / ".clang-format", root)
    (root / "src/base/fine.h").write_text("// Fine.\nint x = 1;\n")
    (root / "src/base/crooked.h").write_text("// Crooked.\nint   x=1;\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)


def main():
    cases = Cases()
    with cases.case("the tree is formatted"):
        result = check(ROOT)
        assert result.returncode == 0, result.stdout + result.stderr

    root = pathlib.Path(os.environ["TIDELINE_TMP"]) / "planted"
    plant(root)
    with cases.case("a file that is not formatted is found"):
        result = check(root)
        assert result.returncode == 1 and "src/base/crooked.h:2" in result.stdout, result.stdout
        assert "fine.h" not in result.stdout, result.stdout
    with cases.case("it is mended by --fix"):
        subprocess.run(["tools/format.sh", "--all", "--fix"], cwd=root, check=True,
                       stdout=subprocess.DEVNULL)
        assert check(root).returncode == 0
        assert (root / "src/base/crooked.h").read_text() == "// Crooked.\nint x = 1;\n"
    cases.finish()


main()

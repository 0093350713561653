"""The completion scripts: bash's sourced and asked, the others checked by their shells where they
are here, all three as in tests/golden/completion.

tideline-test: timeout=60
"""

import os
import pathlib
import shutil
import subprocess

from support.cases import Cases, Skip

GOLDEN = pathlib.Path(os.environ["TIDELINE_SOURCE"]) / "tests/golden/completion"
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
PROGRAM = os.environ["TIDELINE_BIN"]


def script(shell):
    done = subprocess.run([PROGRAM, "completion", shell], capture_output=True, text=True,
                          check=True, timeout=20)
    return done.stdout


def completed(*words):
    """What bash offers for the last of the words."""
    listed = " ".join(f"'{word}'" for word in ("tideline", *words))
    asked = (f". {TMP}/tideline.bash; COMP_WORDS=({listed}); COMP_CWORD={len(words)}; "
             "_tideline; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "--norc", "-c", asked], capture_output=True, text=True,
                          cwd=TMP, check=False, timeout=20)
    assert done.returncode == 0 and not done.stderr, done
    return [line for line in done.stdout.split("\n") if line]


def main():
    cases = Cases()
    for shell in ("bash", "zsh", "fish"):
        with cases.case(f"the script for {shell} is as in tests/golden"):
            text, file = script(shell), GOLDEN / f"tideline.{shell}"
            (TMP / f"tideline.{shell}").write_text(text)
            if os.environ.get("UPDATE_GOLDEN"):
                GOLDEN.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            assert file.exists() and file.read_text() == text, "it differs (make golden)"
        with cases.case(f"{shell} reads it without complaint"):
            if not shutil.which(shell):
                raise Skip(f"no {shell} on this machine")
            done = subprocess.run([shell, "-n", str(TMP / f"tideline.{shell}")],
                                  capture_output=True, text=True, check=False, timeout=20)
            assert done.returncode == 0 and not done.stderr, done.stderr
    (TMP / "shop").mkdir()
    (TMP / "map.toml").write_text("")
    table = [
        (("",), {"serve", "import", "model", "completion"}, {"--data", "train"}),
        (("se",), {"serve"}, {"demo"}),
        (("model", ""), {"train", "promote", "rollback", "list"}, {"serve"}),
        (("model", "tr"), {"train"}, {"promote"}),
        (("model", "train", "--"), {"--table", "--target", "--data", "--json"}, {"--listen"}),
        (("serve", "--"), {"--listen", "--as-of", "--pack"}, {"--target"}),
        (("serve", "--li"), {"--listen"}, {"--pack"}),
        (("serve", "--pack", ""), {"marketplace", "commerce", "learning", "shop"}, {"--data"}),
        (("serve", "--pack", "mar"), {"marketplace"}, {"commerce"}),
        (("serve", "--pack", "=", "comm"), {"commerce"}, {"marketplace"}),
        (("import", "--map", "ma"), {"map.toml"}, {"marketplace"}),
        (("serve", "--data", "sh"), {"shop"}, {"--data"}),
        (("features", "--format", ""), {"csv", "json", "parquet"}, {"shop"}),
        (("deadletters", "list", "--status", "o"), {"open"}, {"dropped"}),
        (("completion", ""), {"bash", "zsh", "fish"}, {"serve"}),
        (("serve", "--as-of", ""), set(), {"serve", "shop", "--data"}),
    ]
    for words, there, absent in table:
        with cases.case(f"bash completes: tideline {' '.join(words)}"):
            offered = set(completed(*words))
            assert there <= offered, f"{sorted(there - offered)} not in {sorted(offered)}"
            assert not absent & offered, f"{sorted(absent & offered)} in {sorted(offered)}"
    cases.finish()


main()

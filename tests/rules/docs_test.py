"""The pages are whole, and the checker finds each kind of fault that is planted for it.

tideline-test: needs=none timeout=60
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
sys.path.insert(0, str(ROOT / "tools"))

import check_docs  # noqa: E402
from support.cases import Cases  # noqa: E402

PLANTED = {
    "README.md": ("# A Title\n\nSee [the page](docs/page.md#a-heading-code), [here](#a-title), "
                  "[out](https://x.example/), `[no](link.md)`.\n\n<!-- run -->\n```sh\ntrue\n```\n", ""),
    "docs/page.md": ("# A heading: `code`\n", ""),
    "docs/gone.md": ("[x](nowhere.md)\n", "there is no such file"),
    "docs/anchor.md": ("[x](page.md#other)\n", "no heading of that name"),
    "docs/absolute.md": ("[x](/docs/page.md)\n", "use a relative link"),
    "docs/word.md": ("It goes to the dead letter queue.\n", "the word here is"),
    "docs/glossary.md": ("**event** x\n**customer** y\n", "keep the alphabet"),
    "ARCHITECTURE.md": ("line\n" * 121, "stays one page"),
}


def main():
    cases = Cases()
    with cases.case("the pages are whole"):
        violations = list(check_docs.check(ROOT))
        assert not violations, "; ".join(violations)

    root = pathlib.Path(os.environ["TIDELINE_TMP"]).resolve() / "planted"
    for name, (text, _) in PLANTED.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = list(check_docs.check(root))
    for name, (_, wanted) in PLANTED.items():
        said = [line for line in found if line.startswith(name + ":")]
        with cases.case(f"planted in {name}"):
            if wanted:
                assert len(said) == 1 and wanted in said[0], f"want '{wanted}', said {said}"
            else:
                assert not said, f"want nothing, said {said}"
    with cases.case("an unmarked block of commands in the README is found"):
        (root / "README.md").write_text("# T\n\n```sh\nrm -rf x\n```\n")
        assert any("needs a mark" in line for line in check_docs.check(root))
    cases.finish()


main()

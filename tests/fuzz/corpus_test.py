"""The harnesses of tests/fuzz over their kept corpora, without a fuzzer.

tideline-test: timeout=120 needs=none
"""

import os
import pathlib
import subprocess

from support.cases import Cases

CORPUS = pathlib.Path(os.environ["TIDELINE_SOURCE"]) / "tests/fuzz/corpus"
REPLAY = pathlib.Path(os.environ["TIDELINE_BUILD"]) / "fuzz_replay"
FILES_MAX, BYTES_MAX = 80, 256 * 1024  # of one corpus, so that it stays small


def replay(harness, files):
    done = subprocess.run([REPLAY, harness, *files], capture_output=True, text=True,
                          errors="replace", check=False)
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr[-600:]}"


def main():
    cases = Cases()
    harnesses = subprocess.run([REPLAY], capture_output=True, text=True, check=True).stdout.split()
    with cases.case("every harness has a corpus, and every corpus a harness"):
        assert sorted(harnesses) == sorted(path.name for path in CORPUS.iterdir()), harnesses
    for harness in harnesses:
        with cases.case(f"corpus of {harness}"):
            files = sorted((CORPUS / harness).iterdir())
            assert 3 <= len(files) <= FILES_MAX, f"{len(files)} files"
            size = sum(path.stat().st_size for path in files)
            assert size <= BYTES_MAX, f"{size} bytes"
            replay(harness, files)
    cases.finish()


main()

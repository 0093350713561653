"""The program on a disk that fails: some of the n-th calls, a failing sync, a full disk.

`make faults` takes every call of each kind, ten syncs and five full disks.

tideline-test: timeout=300 serial
"""

import os
import pathlib
import random

from faults import disk as disks
from faults.io_faults import NTH_KINDS, count_calls, disk_full, failing_sync, nth_call, template
from support.cases import Cases

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SAMPLES = {"EIO": 8, "ENOSPC": 4, "short": 3, "read": 2}


def main():
    cases = Cases()
    seed = int(os.environ.get("TIDELINE_SEED") or random.randrange(1 << 30))
    chance = random.Random(seed)
    print(f"seed {seed}")
    source = TMP / "template"
    keys = template(source)
    for kind in NTH_KINDS:
        with cases.case(f"single failing calls, {kind}"):
            calls = count_calls(source, keys, TMP / "count", kind)
            print(f"{calls} calls")
            for nth in sorted(chance.sample(range(1, calls + 1), SAMPLES[kind])):
                print(nth_call(source, keys, TMP / "nth", nth, kind), flush=True)
    with cases.case("a failing sync of the log"):
        print(failing_sync(source, keys, TMP / "sync-log", disks.LOG, seed))
    with cases.case("a failing sync of state"):
        print(failing_sync(source, keys, TMP / "sync-state", disks.STATE, seed))
    with cases.case("a disk that is full to the reserve"):
        print(disk_full(source, keys, TMP / "full", seed, leave=20 << 20))
    with cases.case("a disk without a byte left"):
        print(disk_full(source, keys, TMP / "brim", seed, leave=0))
    cases.finish()


main()

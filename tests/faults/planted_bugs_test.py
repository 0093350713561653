"""The checker notices planted bugs: each scenario passes without its bug and fails with it.

Three more bugs live below the system calls (ack_before_sync, swallowed_eio, checksum_skipped) and
are caught by the segment log's own tests over a disk that can lose power; the last one also here.

tideline-test: timeout=300 serial
"""

import os
import pathlib
import time

from faults.checker import check
from faults.cycles import SLOWER, fresh
from support.cases import Cases
from support.server import Ended, Server

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SEED = 7


def under_load(name, settings, crash_point=None, **shares):
    """What the checker says after a moment of load, and a crash and restart where one is named."""
    server, load = fresh(TMP / name, SEED, settings, **shares)
    try:
        server.start({"faults.crash_point": crash_point} if crash_point else None)
        load.reach(server.port)
        end = time.monotonic() + (5 if crash_point else 0.7) * SLOWER
        while time.monotonic() < end and server.is_alive():
            time.sleep(0.01)
        if crash_point:
            assert not server.is_alive(), f"{crash_point} was not reached"
            server.kill()
            load.reach(None)
            server.start()
        load.finish(server.port)
        return check(server, load)
    finally:
        for producer in load.producers:
            producer.stopping = True
        server.kill()


def caught(scenario, *words):
    """Fails unless the scenario fails, and for one of the reasons that contain `words`."""
    try:
        line = scenario()
    except AssertionError as found:
        print(f"caught: {found}", flush=True)
        assert any(word in str(found) for word in words), f"for another reason: {found}"
        return
    raise AssertionError(f"it was not noticed: {line}")


def damaged_log(name, settings):
    """A folder whose log holds one acknowledged event with a letter changed; what the lake has."""
    server = Server(TMP / name, settings={"lake.flush_s": 60})
    key = server.new_key("shop")
    marker = "marker-abcdefghijkl"
    with server:
        event = {"type": "track", "userId": "c1", "messageId": "m1", "event": "Session Completed",
                 "properties": {"marker": marker}}
        assert server.verdicts([event], key)[0]["verdict"] == "applied"
    for file in sorted((TMP / name / "log").iterdir()):
        content = file.read_bytes() if file.is_file() else b""
        at = content.find(marker.encode())
        if at >= 0:
            with open(file, "r+b") as log:
                log.seek(at + 10)
                log.write(b"Z")
            break
    else:
        raise RuntimeError("the event is not in the log")
    server.settings.update(settings)
    with server:  # Ended: refused, as it should be
        rows = server.sql("select json_extract_string(properties, '$.marker') as marker "
                          "from events")
        assert [row["marker"] for row in rows] == [marker], f"damage was served: {rows}"


def main():
    cases = Cases()
    with cases.case("without a bug nothing is found"):
        print(under_load("none", {"faults.bug": "poison"}, poison=0.01))
    with cases.case("without a bug a crash between applying and committing loses nothing"):
        print(under_load("crash", {}, "processor.before_commit:40"))
    with cases.case("dedupe_skipped is caught"):
        caught(lambda: under_load("dedupe", {"faults.bug": "dedupe_skipped"}),
               "times in the lake")
    with cases.case("offset_committed_apart is caught"):
        caught(lambda: under_load("apart", {"faults.bug": "offset_committed_apart"},
                                  "processor.between_commits:40"),
               "are lost", "state counts", "state says are committed")
    with cases.case("batch_dropped_on_bad_event is caught"):
        bugs = "poison,batch_dropped_on_bad_event"
        caught(lambda: under_load("dropped", {"faults.bug": bugs}, poison=0.01),
               "is bad and was applied", "state counts")
    with cases.case("a damaged log is refused"):
        try:
            damaged_log("damaged", {})
        except Ended as refused:
            print(f"refused: {refused}", flush=True)
        else:
            raise AssertionError("it started over a damaged log")
    with cases.case("checksum_skipped is caught"):
        caught(lambda: damaged_log("unchecked", {"faults.bug": "checksum_skipped"}),
               "damage was served")
    cases.finish()


main()

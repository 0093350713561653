"""Bad events among good ones: which the processor refuses, chokes on, hangs on or dies of.

tideline-test: timeout=300 serial
"""

import collections
import json
import os
import pathlib
import random
import time

from faults.cycles import SLOWER
from support.cases import Cases
from support.server import UNREACHABLE, Ended, Server

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SHARES = [0.001, 0.01, 0.1, 1.0]
EVENTS = 2_000
STARTS_MAX = 25


def good(identity, customer):
    return {"type": "track", "messageId": identity, "userId": customer,
            "event": "Session Completed", "properties": {"duration_min": 50}}


def bad(identity, customer, chance):
    """A bad event and the code of its dead letter; half of them pass ingest."""
    event = good(identity, customer)
    if chance.random() < 0.5:
        kind = chance.choice(["missing_event", "bad_time", "unknown_type"])
        if kind == "missing_event":
            del event["event"]
        elif kind == "bad_time":
            event["timestamp"] = "soon"
        else:
            event["type"] = "tracked"
        return event, kind
    if chance.random() < 0.5:
        event["properties"] = chance.choice([{"tutor_rating": 6}, {"duration_min": "long"}])
        return event, "bad_property"
    event["event"] = "Planted Throw"
    return event, "poison"


def check_outcome(server, applied, letters):
    """The lake holds the ids `applied`, the dead letters are {id: code}, the counters agree."""
    rows = server.sql("select message_id, customer_id from events")
    found = collections.Counter(row["message_id"] for row in rows)
    assert set(found) == set(applied), (f"lost {sorted(set(applied) - set(found))[:3]}, "
                                        f"too much {sorted(set(found) - set(applied))[:3]}")
    assert max(found.values(), default=1) == 1, "an event is there twice"
    kept = server.dead_letters()
    codes = {json.loads(letter["payload"])["messageId"]: letter["code"] for letter in kept}
    assert len(kept) == len(codes), "an event has two dead letters"
    assert codes == letters, (f"letters missing {sorted(set(letters) - set(codes))[:3]}, "
                              f"too many {sorted(set(codes) - set(letters))[:3]}")
    counted = {row["customer_id"]: int(row["events"])
               for row in server.sql("select customer_id, events from customers")}
    expected = collections.Counter(row["customer_id"] for row in rows)
    assert counted == dict(expected), "state and lake count differently"
    totals = server.totals()
    assert totals["received"] == (totals["applied"] + totals["late_applied"] + totals["duplicate"]
                                  + totals["dead_lettered"]), totals
    assert totals["dead_lettered"] == len(letters), totals
    return kept


def with_share(share, chance):
    """Batches of 100 with this share of bad events."""
    server = Server(TMP / f"share-{share}", settings={"faults.bug": "poison"})
    key = server.new_key("shop")
    applied, letters = [], {}
    with server:
        for first in range(0, EVENTS, 100):
            batch, expected = [], []
            for i in range(first, first + 100):
                identity, customer = f"e{i}", f"c{chance.randrange(30)}"
                if chance.random() < share or (share < 1 and i == EVENTS - 50):
                    event, code = bad(identity, customer, chance)
                    letters[identity] = code
                    expected.append(code)
                else:
                    event = good(identity, customer)
                    applied.append(identity)
                    expected.append(None)
                batch.append(event)
            told = [verdict.get("code") for verdict in server.verdicts(batch, key)]
            assert told == expected, f"{told} instead of {expected}"
        kept = check_outcome(server, applied, letters)
    most = max(letter["attempts"] for letter in kept)
    assert most <= 15, f"an event was tried {most} times"
    return f"{len(letters)} bad of {EVENTS}, at most {most} attempts"


def one_in_100(chance):
    """At most 15 attempts for one that throws, wherever it stands in a batch of 100."""
    server = Server(TMP / "one", settings={"faults.bug": "poison",
                                           "processing.batch_window_ms": 200})
    key = server.new_key("shop")
    applied, letters = [], {}
    with server:
        for place in [0, 99, *(chance.randrange(100) for _ in range(6))]:
            batch = [good(f"{place}-{i}-{len(applied)}", "c1") for i in range(100)]
            batch[place]["event"] = "Planted Throw"
            for i, verdict in enumerate(server.verdicts(batch, key)):
                expected = "dead_lettered" if i == place else "applied"
                assert verdict["verdict"] == expected, (place, i, verdict)
            letters[batch[place]["messageId"]] = "poison"
            applied += [e["messageId"] for i, e in enumerate(batch) if i != place]
        kept = check_outcome(server, applied, letters)
    attempts = [letter["attempts"] for letter in kept]
    assert max(attempts) <= 15, attempts
    assert max(attempts) > 2, f"these were no batches of 100: {attempts}"
    return f"attempts {attempts}"


def survive(server):
    """Starts the server, again and again as it ends, until everything is processed."""
    for starts in range(1, STARTS_MAX + 1):
        try:
            server.start()
            while server.is_alive():
                if server.get("/api/v1/pipeline").json()["lag"] == 0:
                    return starts
                time.sleep(0.02)
        except (Ended, *UNREACHABLE):
            pass
        server.kill()
    raise AssertionError(f"it ended {STARTS_MAX} times: {server.last_words()}")


def deadly(name, plan):
    """Events that hang or kill the process: `plan` maps a place among 400 events to a name."""
    server = Server(TMP / name, settings={"faults.bug": "poison",
                                          "processing.watchdog_s": 0.3 * SLOWER})
    key = server.new_key("shop")
    events = [good(f"e{i}", f"c{i % 40}") for i in range(400)]
    for place, event_name in plan.items():
        events[place]["event"] = event_name
    starts = 0
    try:
        server.start()
        for _ in range(STARTS_MAX):
            try:
                answer = server.post("/v1/batch", {"batch": events}, key)
                assert answer.status == 200, answer
                break
            except UNREACHABLE:  # it ended before it could answer; maybe the events are stored
                server.kill()
                starts += survive(server)
        else:
            raise AssertionError("no batch was ever answered")
        try:
            server.totals()
        except UNREACHABLE:
            server.kill()
            starts += survive(server)
        letters = {events[place]["messageId"]: "poison" for place in plan}
        applied = [e["messageId"] for i, e in enumerate(events) if i not in plan]
        duplicates = server.totals()["duplicate"]
        assert duplicates % len(events) == 0, duplicates
        check_outcome(server, applied, letters)
    finally:
        server.kill()
    return f"{starts} restarts"


def letters_in_hand():
    """Retry and drop, by command line and by HTTP, each twice."""
    server = Server(TMP / "hand")
    key = server.new_key("shop")
    with server:
        events = [good(f"e{i}", "c1") for i in range(4)]
        for event in events:
            event["properties"] = {"duration_min": -1}
        verdicts = server.verdicts(events, key)
        assert [v["code"] for v in verdicts] == ["bad_property"] * 4, verdicts
        ids = [f"{v['shard']}-{v['offset']}" for v in verdicts]
        edited = good("e0", "c1")

        again = json.loads(server.run("deadletters", "retry", ids[0], expect=(3,)))
        assert again["verdict"] == "dead_lettered" and again["code"] == "bad_property", again
        assert json.loads(server.run("deadletters", "show", ids[0]))["attempts"] == 2

        file = TMP / "edited.json"
        file.write_text(json.dumps(edited))
        for expected in ("applied", "duplicate"):
            told = json.loads(server.run("deadletters", "retry", ids[0], "--payload", str(file)))
            assert told["verdict"] == expected, told

        path = f"/api/v1/deadletters/{ids[1]}"
        again = server.post(f"{path}/retry", b"")
        assert again.json()["code"] == "bad_property", again
        for expected in ("applied", "duplicate"):
            told = server.post(f"{path}/retry", {"payload": {**edited, "messageId": "e1"}})
            assert told.status == 200 and told.json()["verdict"] == expected, told
        refused = server.post(f"/api/v1/deadletters/{ids[2]}/retry", {"payload": "{"})
        assert refused.status == 400 and refused.json()["code"] == "malformed_json", refused

        for _ in range(2):
            assert json.loads(server.run("deadletters", "drop", ids[2]))["status"] == "dropped"
            dropped = server.post(f"/api/v1/deadletters/{ids[3]}/drop", b"")
            assert dropped.status == 200 and dropped.json()["status"] == "dropped", dropped
        told = server.post(f"/api/v1/deadletters/{ids[3]}/retry", {"payload": edited})
        assert told.json()["verdict"] == "duplicate", told
        assert server.post(f"{path}/drop", b"").status == 409, "a retried one cannot be dropped"
        assert server.post("/api/v1/deadletters/9-99/retry", b"").status == 404

        status = {letter["id"]: letter["status"] for letter in server.dead_letters()}
        assert status == dict(zip(ids, ["retried", "retried", "dropped", "dropped"])), status
        assert server.dead_letters("open") == []
        assert server.get("/api/v1/customers/c1").json()["event_count"] == 2
        rows = server.sql("select message_id from events order by 1")
        assert [row["message_id"] for row in rows] == ["e0", "e1"], rows


def main():
    cases = Cases()
    seed = int(os.environ.get("TIDELINE_SEED") or random.randrange(1 << 30))
    chance = random.Random(seed)
    print(f"seed {seed}")
    for share in SHARES:
        with cases.case(f"{share:.1%} bad events"):
            print(with_share(share, chance))
    with cases.case("one that throws in a batch of 100"):
        print(one_in_100(chance))
    with cases.case("one that kills the process"):
        print(deadly("kill", {200: "Planted Kill"}))
    with cases.case("one that hangs"):
        print(deadly("hang", {17: "Planted Hang"}))
    with cases.case("several that hang and kill, in several shards"):
        print(deadly("many", {3: "Planted Kill", 150: "Planted Hang", 151: "Planted Kill"}))
    with cases.case("dead letters are retried, edited and dropped"):
        letters_in_hand()
    cases.finish()


main()

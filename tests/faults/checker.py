"""Compares what producers were told with lake, state and dead letters.

Reads only what any user can: SQL over the lake, the dead letters, the counters of the API. It
shares no code with the program.
"""

import collections
import json


HISTORY = "history"  # source of events that no producer sent


def check(server, load, history=0):
    """Fails with everything that does not fit; answers a line of figures.

    `history`: how many events of the source HISTORY were imported before.
    """
    totals = server.totals()
    rows = server.sql("select source, message_id, customer_id, shard, log_offset, type, event, "
                      "cast(json_extract(properties, '$.n') as bigint) as n from events "
                      "order by shard, log_offset")
    counters = {row["customer_id"]: row["events"]
                for row in server.sql("select customer_id, events from customers")}
    letters = server.dead_letters()
    wrong = []
    wrong += check_producers(load)
    sent = [row for row in rows if row["source"] != HISTORY]
    wrong += check_lake(load, sent)
    wrong += check_places(rows)
    wrong += check_order(sent)
    imported = {row["message_id"] for row in rows if row["source"] == HISTORY}
    if not len(imported) == len(rows) - len(sent) == history:
        wrong.append(f"of {history} imported events {len(rows) - len(sent)} are in the lake, "
                     f"{len(imported)} different ones")
    wrong += check_state(server, rows, counters)
    wrong += check_letters(load, letters)
    wrong += check_totals(load, totals, rows, letters, history)
    assert not wrong, f"{len(wrong)} things are wrong: " + "; ".join(wrong[:8])
    return (f"{load.acknowledged()} events acknowledged, {len(rows)} in the lake, "
            f"{totals['duplicate']} duplicates, {len(letters)} dead letters")


def check_producers(load):
    return [f"producer {p.number} was answered {p.unexpected[0]}"
            for p in load.producers if p.unexpected]


def check_lake(load, rows):
    """No acknowledged event is lost, none is there twice, none that was not sent."""
    wrong = []
    found = collections.Counter(row["message_id"] for row in rows)
    sent = {i: p for p in load.producers for i in p.sent}
    for identity, count in found.items():
        if count > 1:
            wrong.append(f"{identity} is {count} times in the lake")
        if identity not in sent:
            wrong.append(f"{identity} was never sent")
        elif not sent[identity].is_good(identity):
            wrong.append(f"{identity} is bad and was applied")
    for row in rows:
        identity = row["message_id"]
        event = sent[identity].sent[identity] if identity in sent else {}
        expected = (event.get("userId"), event.get("event"), event.get("properties", {}).get("n"))
        if (row["customer_id"], row["event"], int(row["n"])) != expected:
            wrong.append(f"{identity} is not as it was sent")
    for producer in load.producers:
        lost = [i for i in producer.acknowledged if producer.is_good(i) and i not in found]
        if lost:
            wrong.append(f"{len(lost)} acknowledged events are lost: {lost[:3]}")
    return wrong


def check_places(rows):
    places = collections.Counter((row["shard"], row["log_offset"]) for row in rows)
    return [f"place {place} is used {n} times" for place, n in places.items() if n > 1]


def check_order(rows):
    """Rows come by shard and offset: a customer's numbers only grow."""
    wrong, last = [], {}
    for row in rows:
        customer, number = row["customer_id"], int(row["n"])
        if number <= last.get(customer, -1):
            wrong.append(f"{customer}: {number} stands behind {last[customer]}")
        last[customer] = number
    return wrong


def check_state(server, rows, counters):
    """Each customer's lifetime counters are the numbers of its rows in the lake."""
    wrong = []
    expected = collections.Counter(row["customer_id"] for row in rows if row["type"] == "track")
    for customer in sorted(set(expected) | set(counters)):
        if int(counters.get(customer, 0)) != expected[customer]:
            wrong.append(f"{customer}: state counts {counters.get(customer)}, "
                         f"the lake has {expected[customer]}")
    seen = collections.Counter(row["customer_id"] for row in rows
                               if row["type"] in ("track", "page", "screen"))
    for customer in sorted(seen)[:3]:
        told = server.get(f"/api/v1/customers/{customer}").json()["event_count"]
        if told != seen[customer]:
            wrong.append(f"{customer}: the API counts {told}, the lake has {seen[customer]}")
    return wrong


def check_letters(load, letters):
    """Dead letters are the bad events; those with a known id only once, and with their reason."""
    wrong = []
    found = collections.defaultdict(list)
    for letter in letters:
        found[json.loads(letter["payload"])["messageId"]].append(letter)
    sent = {i: p for p in load.producers for i in p.sent}
    for identity, kept in found.items():
        if identity not in sent:
            wrong.append(f"letter {identity} was never sent")
            continue
        producer = sent[identity]
        kind = producer.kind(identity)
        if kind == "good":
            wrong.append(f"{identity} is good and a dead letter: {kept[0]['reason']}")
            continue
        code = "missing_event" if kind == "rejected" else kind
        if kept[0]["code"] != code:
            wrong.append(f"letter {identity} has the code {kept[0]['code']}, not {code}")
        # A rejected event has no protection against being sent twice; each is a letter.
        most = producer.attempts[identity] if kind == "rejected" else 1
        if len(kept) > most:
            wrong.append(f"{identity} is {len(kept)} times a dead letter")
        if any(letter["attempts"] > 15 for letter in kept):
            wrong.append(f"{identity} was tried {kept[0]['attempts']} times")
    for producer in load.producers:
        lost = [i for i in producer.acknowledged if not producer.is_good(i) and i not in found]
        if lost:
            wrong.append(f"{len(lost)} bad events are no dead letters: {lost[:3]}")
    return wrong


def check_totals(load, totals, rows, letters, history):
    wrong = []
    outcomes = ("applied", "late_applied", "duplicate", "dead_lettered")
    if totals["received"] != sum(totals[name] for name in outcomes):
        wrong.append(f"the totals do not add up: {totals}")
    if totals["applied"] + totals["late_applied"] != len(rows):
        wrong.append(f"{totals['applied'] + totals['late_applied']} applied, "
                     f"{len(rows)} in the lake")
    if totals["dead_lettered"] != len(letters):
        wrong.append(f"{totals['dead_lettered']} dead-lettered, {len(letters)} letters")
    at_least = sum(n for p in load.producers for n in p.acknowledged.values())
    at_most = sum(n for p in load.producers for n in p.attempts.values())
    if not at_least <= totals["received"] - history <= at_most:
        wrong.append(f"received {totals['received']}, acknowledged {at_least}, sent {at_most}")
    return wrong

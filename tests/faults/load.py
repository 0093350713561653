"""Producers that send events while the server is killed, and what they were told.

Each producer has customers of its own and numbers its events; the number is in the event's
properties, so that the order in which it sent them can be read from the lake.
"""

import json
import random
import threading
import time

from support.server import Connection, authorization

PRODUCERS = 8
CUSTOMERS_EACH = 4
BATCH = 20
DUPLICATES = 0.2  # share of events that were sent before
GIVE_UP = 0.3  # share of broken-off batches that are not sent again
PATIENCE_S = 30


class Producer(threading.Thread):
    """Sends batches until told to stop; keeps what was sent, acknowledged and refused."""

    def __init__(self, number, key, seed, bad=0.02, poison=0.0):
        super().__init__(daemon=True)
        self.number, self.bad, self.poison = number, bad, poison
        self.headers = {"Authorization": authorization(key)}
        self.random = random.Random(f"{seed}/{number}")
        self.port = None  # None: the server is away
        self.stopping = False
        self.pause_s = 0.0  # between two batches
        self.refusals = {429, 503}  # what may be answered in place of 200
        self.sent = {}  # id: event, of all that was ever sent
        self.attempts = {}  # id: how often it may have reached the server
        self.acknowledged = {}  # id: how often a 200 answered for it
        self.order = []  # ids in the order of their first sending
        self.unexpected = []
        self.last = None  # answer
        self.pending = None  # a batch whose answer did not come

    def new_event(self):
        count = len(self.order)
        identity = f"p{self.number}-{count}"
        event = {"type": "track", "messageId": identity, "event": "Session Completed",
                 "userId": f"p{self.number}-c{self.random.randrange(CUSTOMERS_EACH)}",
                 "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                 "properties": {"n": count, "duration_min": 50}}
        chance = self.random.random()
        if chance < self.bad / 2:
            event["properties"]["duration_min"] = -1  # passes ingest, refused by the processor
        elif chance < self.bad:
            del event["event"]  # rejected
        elif chance < self.bad + self.poison:
            event["event"] = "Planted Throw"
        self.sent[identity] = event
        self.order.append(identity)
        return identity

    def new_batch(self):
        batch = []
        for _ in range(BATCH):
            # Never of a batch that was given up: its events would come first out of their order.
            known = [i for i in self.order[-200:]
                     if self.is_good(i) and (i in self.acknowledged or i in batch)]
            if known and self.random.random() < DUPLICATES:
                batch.append(self.random.choice(known))
            else:
                batch.append(self.new_event())
        return batch

    def kind(self, identity):
        """What must become of an event: good, rejected, bad_property or poison."""
        event = self.sent[identity]
        if "event" not in event:
            return "rejected"
        if event["properties"]["duration_min"] < 0:
            return "bad_property"
        return "poison" if event["event"] == "Planted Throw" else "good"

    def is_good(self, identity):
        return self.kind(identity) == "good"

    def send(self, connection, batch):
        """True when it was acknowledged."""
        body = json.dumps({"batch": [self.sent[i] for i in batch]}).encode()
        for identity in batch:
            self.attempts[identity] = self.attempts.get(identity, 0) + 1
        try:
            answer = connection.request("POST", "/v1/batch", body, self.headers)
        except Exception:  # the server was killed: nobody knows whether it was stored
            return False
        self.last = answer
        if answer.status == 200:
            for identity in batch:
                self.acknowledged[identity] = self.acknowledged.get(identity, 0) + 1
            return True
        if answer.status not in self.refusals:
            self.unexpected.append((answer.status, answer.body[:300]))
        return False

    def run(self):
        port, connection = None, None
        while not self.stopping:
            if self.port is None or self.port != port:
                if connection:
                    connection.close()
                port, connection = self.port, None
                if port is None:
                    time.sleep(0.002)
                    continue
                connection = Connection(port, timeout=PATIENCE_S)
            time.sleep(self.pause_s)
            batch = self.pending or self.new_batch()
            self.pending = None
            if not self.send(connection, batch):
                if self.random.random() >= GIVE_UP:
                    self.pending = batch  # sent again, as a client does that heard nothing
                if self.port == port:
                    self.port = None  # until the next start


class Load:
    """All producers together."""

    def __init__(self, keys, seed, **shares):
        self.producers = [Producer(i, key, seed, **shares) for i, key in enumerate(keys)]
        for producer in self.producers:
            producer.start()

    def reach(self, port):
        for producer in self.producers:
            producer.port = port

    def finish(self, port):
        """Sends what is pending once more, so that each producer ends with an answer."""
        self.reach(None)
        for producer in self.producers:
            producer.stopping = True
        for producer in self.producers:
            producer.join(timeout=PATIENCE_S)
            assert not producer.is_alive(), "a producer hangs"
            connection = Connection(port)
            while producer.pending:
                batch, producer.pending = producer.pending, None
                assert producer.send(connection, batch), producer.unexpected
            connection.close()

    def acknowledged(self):
        return sum(len(producer.acknowledged) for producer in self.producers)

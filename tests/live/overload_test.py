"""Three times as much as can be taken: the rest is refused quickly, and all is well soon after.

tideline-test: timeout=300 serial

A short form with wide bounds, for machines that do other things too; `make overload` is the full
one.
"""

import os
import time

from live import overload as load
from live.load import Memory, open_loop
from support.cases import Cases
from support.server import Connection, Server, authorization

FOLDER = os.path.join(os.environ["TIDELINE_TMP"], "data")
SLOW = 5 if os.environ.get("TIDELINE_SANITIZE") else 1  # how much slower this build is
cases = Cases()


def batch(count, prefix):
    return {"batch": [{"type": "track", "messageId": f"{prefix}-{i}", "userId": f"u{i % 7}",
                       "event": "Session Completed", "properties": {"duration_min": 50}}
                      for i in range(count)]}


with Server(FOLDER, settings=load.SETTINGS) as server:
    key, quiet = server.new_key("loud"), server.new_key("quiet")
    with cases.case("a rate that fits is all taken"):
        baseline = open_loop(server, key, 20, 2, connections=20)
        assert baseline["refused"] == 0 and baseline["broken"] == 0, baseline
    peak = load.find_peak(server, key, 2, first=500.0)
    with cases.case("at three times the peak most of the peak is taken, refusals are quick"):
        answers = load.overload(server, key, peak, 5, connections=1000)
        assert answers["broken"] == 0 and answers["unanswered"] == 0, answers
        assert set(answers["status"]) <= {"200", "429"}, answers["status"]
        assert answers["refused"] > 0, "nothing was refused"
        # The peak of two seconds is above what lasts, and the client takes of the same cores.
        assert answers["goodput"] > 0.25, answers["goodput"]
        assert answers["refused_p50_ms"] < 500 * SLOW, answers["refused_p50_ms"]
    with cases.case("a quiet key is served beside a loud one"):
        share, loud = load.fairness(server, key, quiet, peak, 4)
        assert share > 0.8, share
        assert loud["refused"] > 0, loud
    with cases.case("soon after it is as before"):
        took = load.seconds_until_baseline(server, key, 20, max(5, baseline["accepted_p50_ms"]),
                                           20 * SLOW)
        assert took < 20 * SLOW, took
    with cases.case("figures and refusals are shown"):
        view = server.get("/api/v1/pipeline").json()
        # Which bound is met first, that of all callers or that of one, is a matter of the machine.
        code, refused = max(view["refusals"].items(), key=lambda pair: pair[1])
        assert code in ("overloaded", "share_used"), view["refusals"]
        assert refused >= answers["refused"] / 2, view["refusals"]
        assert view["door"]["working"] <= view["door"]["connections"], view["door"]
        assert view["queues"]["log"]["bytes_max"] > 0, view["queues"]
        assert 0 <= view["rates"]["utilisation"] <= 1, view["rates"]
        metrics = server.get("/metrics").body.decode()
        for name in (f"tideline_http_refusals_total{{code=\"{code}\"}}",
                     "tideline_oldest_unprocessed_seconds", "tideline_utilisation_ratio",
                     "tideline_http_held_bytes ", "tideline_http_work_waiting",
                     "tideline_log_queue_bytes "):
            assert name in metrics, name

limits = {"ingest.source_events_per_s": 50, "ingest.source_burst_s": 1}
with Server(FOLDER + "-limits", settings=limits) as server:
    key, quiet = server.new_key("loud"), server.new_key("quiet")
    with cases.case("a key over its rate is refused with the time to come again"):
        assert server.post("/v1/batch", batch(200, "a"), key).status == 200
        connection = Connection(server.port)
        headers = {"Authorization": authorization(key)}
        for size in (0, 10, 300_000):
            answer = connection.request("POST", "/v1/batch", b"x" * size, headers)
            assert answer.status == 429, answer
            assert answer.json()["code"] == "rate_limited", answer
            assert 2 <= int(answer.headers["retry-after"]) <= 4, answer.headers
            assert answer.headers.get("connection") != "close", "the connection is given up"
        assert server.post("/v1/batch", batch(1, "q"), quiet).status == 200, "the quiet key"
        body = dict(batch(1, "w"), writeKey=key)
        assert server.post("/v1/batch", body).status == 429, "the key in the body"
    with cases.case("and taken again when it has waited that long"):
        deadline = time.monotonic() + 10
        while server.post("/v1/batch", batch(1, "b"), key).status == 429:
            assert time.monotonic() < deadline, "still refused"
            time.sleep(0.1)
        assert server.totals()["applied"] == 202, server.totals()
    with cases.case("memory is what it was"):
        assert Memory(server).now() < 600 * SLOW, Memory(server).now()

cases.finish()

"""The Explore screen over a small folder, in a real Chromium.

tideline-test: timeout=300
"""

import os
import pathlib

from support.cases import Cases
from support.explore import explore
from support.server import Server

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
QUERY = "select event, count(*) as events from events group by event order by event"


def main():
    cases = Cases()
    with Server(TMP / "shop", settings={"lake.flush_s": 1}) as server:
        key = server.new_key("shop")
        events = [{"type": "track", "userId": f"c{i % 3}", "messageId": f"m{i}",
                   "event": "Session Completed" if i % 3 else "Signed In"} for i in range(12)]
        answer = server.post("/v1/batch?verdicts=1", {"batch": events}, key)
        assert answer.status == 200, answer
        explore(cases, f"http://127.0.0.1:{server.port}", QUERY,
                [["Session Completed", "8"], ["Signed In", "4"]])
    cases.finish()


main()

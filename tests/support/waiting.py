"""Waiting for what a server does by itself."""

import os
import time

SLOWER = 10 if os.environ["TIDELINE_SANITIZE"] else 1


def wait_for(what, seconds):
    """What `what` answers, once that is true; longer under a sanitizer."""
    deadline = time.monotonic() + seconds * SLOWER
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)

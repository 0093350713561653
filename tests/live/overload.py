"""Overload from an open loop: what is taken, how the rest is refused, and how soon all is well.

Used by overload_test.py in short, by run.py in full.
"""

import time

from live.load import EVENTS, Memory, begin_open_loop, finish, open_loop

SETTINGS = {"lake.flush_s": 30}
# So many that those which wait for an answer leave others to send.
CONNECTIONS = 4000


def find_peak(server, key, step_s, first=300.0):
    """The highest rate of batches that were taken, over runs at growing rates."""
    best, rate = 0.0, first
    while True:
        answers = open_loop(server, key, rate, step_s)
        taken = answers["accepted"] / step_s
        print(f"    {rate:.0f} batches/s offered: {taken:.0f} taken, "
              f"median {answers['accepted_p50_ms']:.1f} ms", flush=True)
        best = max(best, taken)
        if taken < 0.8 * rate:
            return best
        rate *= 1.6


def overload(server, key, peak, seconds, connections=CONNECTIONS):
    """At three times the peak: what the client saw, and memory before, after and at most."""
    memory, sizes = Memory(server), []
    client = begin_open_loop(server, key, 3 * peak, seconds, connections)
    while client.poll() is None:
        sizes.append(memory.now())
        time.sleep(0.5)
    answers = finish(client)
    # The first half fills queues and caches; from then on nothing may grow.
    half = len(sizes) // 2
    answers["rss_first"], answers["rss_second"] = max(sizes[:half]), max(sizes[half:])
    answers["goodput"] = answers["accepted"] / seconds / peak
    print(f"    3 x {peak:.0f} batches/s of {EVENTS} for {seconds} s: {answers['goodput']:.2f} of "
          f"the peak taken; refused {answers['refused']} at a median of "
          f"{answers['refused_p50_ms']:.2f} ms (99 %: {answers['refused_p99_ms']:.1f}); "
          f"accepted median {answers['accepted_p50_ms']:.0f} ms; unsent {answers['unsent']}; "
          f"status {answers['status']}; memory {sizes[0]:.0f} MiB, at most "
          f"{answers['rss_first']:.0f} in the first half and {answers['rss_second']:.0f} in the "
          f"second; client {answers['cpu_s']:.1f} s of CPU", flush=True)
    return answers


def seconds_until_baseline(server, key, rate, baseline_ms, limit_s):
    """How long after now a second of that rate is again all taken, at most twice as slow.

    Up to 10 ms count as no slower: the disk still writes back what came before.
    """
    begun = time.monotonic()
    while time.monotonic() - begun < limit_s:
        took = time.monotonic() - begun
        answers = open_loop(server, key, rate, 1, connections=100)
        if answers["refused"] == 0 and answers["accepted_p50_ms"] <= max(10, 2 * baseline_ms):
            return took
    return limit_s


def fairness(server, loud_key, quiet_key, peak, seconds):
    """A quiet key's answers while a loud one sends three times what can be taken."""
    loud = begin_open_loop(server, loud_key, 3 * peak, seconds)
    quiet = open_loop(server, quiet_key, 0.1 * peak, seconds, connections=100)
    loud = finish(loud)
    share = quiet["accepted"] / max(1, quiet["accepted"] + quiet["refused"])
    print(f"    quiet key beside a loud one: {share:.3f} of its batches taken, median "
          f"{quiet['accepted_p50_ms']:.1f} ms; of the loud one's "
          f"{loud['accepted'] / max(1, loud['sent']):.3f}", flush=True)
    return share, loud

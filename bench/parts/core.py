"""The core's functions on one thread: reading properties, applying, features, scoring."""

from measuring import Run, add_lines, output_of

ORDER = 40
TARGETS = ("core_bench",)
CASES = {
    "observe": ("reading an event's declared properties", "events"),
    "apply_one": ("decode a state, apply one event, encode it", "events"),
    "apply_history": ("apply a whole history to an empty state, encode it", "events"),
    "features": ("all features of a customer", "customers"),
    "score_block": ("network, 1,000 rows a call", "rows"),
    "score_single": ("network, one row a call", "rows"),
}


def customers_and_days():
    return (300, 180) if Run.quick else (1_000, 365)


def measure(figures):
    return add_lines(figures, output_of(Run.build / "core_bench", *customers_and_days(),
                                        Run.rounds, 0.1 if Run.quick else 0.5))


def words(told):
    return [f"""**Reading, applying, features**: `bench/core_bench.cc`, one thread,
  {told["customers"]:,} simulated customers with {told["events"]:,} events in
  {customers_and_days()[1]} days, marketplace pack, {told["features"]} features; a state takes
  {told["state_bytes"]:,} bytes on average. Checked: states and features have the same bytes every
  time, and the state after the last event is that of the whole history.""",
            f"""**Score**: the network alone, without calibration, one thread: {told["inputs"]}
  inputs after encoding, a trunk of 64 and 32, {told["tasks"]} tasks. Checked: a row has the same
  figures alone and in a block, all finite."""]

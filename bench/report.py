"""What bench/run.py found, as a table for the terminal and as docs/benchmarks.md."""

import collections
import statistics
import textwrap

Round = collections.namedtuple("Round", "units wall_s cpu_s")
# name of the case -> (what is shown, its unit)
CASES = {
    "ingest": ("durable ingest over HTTP, until acknowledged", "events"),
    "ingest_applied": ("the same events, until applied to states", "events"),
    "log_1000": ("segment log, 1,000 records a commit", "records"),
    "rocksdb_1000": ("RocksDB as a log, 1,000 records a commit", "records"),
    "log_10000": ("segment log, 10,000 records a commit", "records"),
    "rocksdb_10000": ("RocksDB as a log, 10,000 records a commit", "records"),
    "import": ("import of a generated history", "events"),
    "observe": ("reading an event's declared properties", "events"),
    "apply_one": ("decode a state, apply one event, encode it", "events"),
    "apply_history": ("apply a whole history to an empty state, encode it", "events"),
    "features": ("all features of a customer", "customers"),
    "score_block": ("network, 1,000 rows a call", "rows"),
    "score_single": ("network, one row a call", "rows"),
}
PEERS = [("log_1000", "rocksdb_1000"), ("log_10000", "rocksdb_10000")]


class Figures:
    """The rounds of each case, in the order in which they were run."""

    def __init__(self):
        self.rounds = collections.defaultdict(list)

    def add(self, case, units, wall_s, cpu_s):
        # A round that took no time or did nothing was not measured.
        assert case in CASES and units > 0 and wall_s > 0 and cpu_s >= 0, (case, units, wall_s)
        self.rounds[case].append(Round(units, wall_s, cpu_s))

    def rates(self, case):
        """Units a second of wall clock, one a round."""
        return [one.units / one.wall_s for one in self.rounds[case]]

    def cpu_us(self, case):
        """Median CPU microseconds a unit."""
        return statistics.median(one.cpu_s / one.units * 1e6 for one in self.rounds[case])


def paragraph(text, indent=""):
    """`text` broken into lines of at most 100 columns, those after the first indented."""
    return textwrap.fill(" ".join(text.split()), 100, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


def count(number):
    """Three significant digits, thousands with commas."""
    digits = max(0, len(str(int(number))) - 3)
    return f"{round(number, -digits):,.0f}"


def short(number):
    return f"{number:.3g}"


def rows(figures):
    for case, (what, unit) in CASES.items():
        if case in figures.rounds:
            rates = figures.rates(case)
            yield [what, f"{count(statistics.median(rates))} {unit}/s", count(min(rates)),
                   f"{short(figures.cpu_us(case))} us", str(len(rates))]


def peer_rows(figures):
    """Ours against theirs, round by round: what one takes of the other's time."""
    for ours, theirs in PEERS:
        if ours in figures.rounds:
            ratios = [a / b for a, b in zip(figures.rates(ours), figures.rates(theirs),
                                            strict=True)]
            cpu = figures.cpu_us(theirs) / figures.cpu_us(ours)
            yield [CASES[ours][0], CASES[theirs][0], f"{statistics.median(ratios):.2f}",
                   f"{min(ratios):.2f}", f"{cpu:.2f}", str(len(ratios))]


HEAD = ["What", "Median", "Worst round", "CPU a unit", "Rounds"]
PEER_HEAD = ["Ours", "Peer", "Median ratio", "Worst round", "CPU ratio", "Rounds"]


def table(figures):
    """For the terminal."""
    return "\n\n".join(aligned([head, *found]) for head, found in
                       ((HEAD, list(rows(figures))), (PEER_HEAD, list(peer_rows(figures))))
                       if found)


def aligned(lines):
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
                     .rstrip() for line in lines)


def markdown(head, lines):
    return "\n".join("| " + " | ".join(line) + " |"
                     for line in [head, ["---"] * len(head), *lines])


def machine_words(told):
    busy = told["load"] > 0.25 * told["cores"]
    state = ("**The machine was busy with other work** "
             f"(load {told['load']:.1f} when the run began): only ratios of things measured side "
             "by side, and CPU a unit with care, say anything; the figures a second do not."
             if busy else f"The machine was quiet (load {told['load']:.1f} when the run began).")
    flags = f"compiled with `{told['flags']}`"
    if told["program_flags"] != told["flags"]:
        flags += f" (the program, which ingest and import measure: `{told['program_flags']}`)"
    return (f"{told['cores']} cores ({told['processor']}), {told['version']}, {flags}; client and "
            f"server on the same cores, files on the disk of the build folder. {state}")


def page(figures, told):
    """The text of docs/benchmarks.md; `told` holds what the parts said about themselves."""
    return f"""# Figures of speed

First figures, no gate: nothing fails when they get worse. `make bench` measures and writes this
page; `bench/run.py --quick` is a short form. This page was written by `{told["command"]}`.

{paragraph(machine_words(told))}

{markdown(HEAD, rows(figures))}

The worst round is in the median's unit. CPU is that of all threads of the measured process.

## Side by side

{markdown(PEER_HEAD, peer_rows(figures))}

A ratio is records a second of ours over the peer's in the same round; the CPU ratio is the peer's
CPU a record over ours. Above 1, ours is better.

## How each was measured

Where there is a peer, the two take turns; the cases of the core take turns too, so that what else
the machine does falls on all of them. Every round's output is checked, and the run fails when work
was skipped.

{chr(10).join(paragraph("- " + words(told), "  ") for words in PARTS)}
"""


def ingest_words(told):
    latency = told["ingest"]
    return f"""**Durable ingest**: `tideline serve` in a fresh folder with default settings.
  `bench/load_client.cc` sends {told["sizes"]["ingest_batches"] * 2_000:,} events of 376 bytes a
  round over 20 connections, 100 events a batch, made before the clock starts; each connection
  waits for its answer (200: synced to disk). A batch took {latency["p50_ms"]:.0f} ms at the
  median, {latency["p99_ms"]:.0f} ms at the 99th percentile (of the middle round) and
  {latency["max_ms"]:.0f} ms at worst. CPU, of both rows, is the server's, with
  applying, archiving and scoring,
  which go on meanwhile; the client takes its own on the same cores. One round before the first
  warms up. Checked: the totals `received` and `applied` grew by exactly what was sent."""


def log_words(told):
    records = told["sizes"]["log_records"]
    return f"""**Log**: `bench/log_bench.cc` appends {records:,} records of 376 bytes a round and
  waits for each commit. The peer is one `WriteBatch` a commit with `sync`, as kind to RocksDB as
  its options allow: no compression, no compaction, no throttling, memtables of 64 MiB. Same
  records, same folder, same promise. Every round begins in an empty folder, so the segment log has
  no recycled segments yet. Checked: every record is read back and compared, and the
  log's number of syncs is the number of commits."""


def import_words(told):
    found = told["import"]
    return f"""**Import**: `tideline import` of {found["events"]:,} events
  ({found["customers"]:,} customers, {found["days"]} days, as `tideline generate` writes them) into
  a fresh folder, from the start of the process to its end: applied to states and archived in the
  lake. Checked: all are applied, and counted in the lake."""


def core_words(told):
    core = told["core"]
    return f"""**Reading, applying, features**: `bench/core_bench.cc`, one thread,
  {core["customers"]:,} simulated customers with {core["events"]:,} events in
  {told["sizes"]["core_days"]} days, marketplace pack, {core["features"]} features; a state takes
  {core["state_bytes"]:,} bytes on average. Checked: states and features have the same bytes every
  time, and the state after the last event is that of the whole history."""


def score_words(told):
    core = told["core"]
    return f"""**Score**: the network alone, without calibration, one thread: {core["inputs"]}
  inputs after encoding, a trunk of 64 and 32, {core["tasks"]} tasks. Checked: a row has the same
  figures alone and in a block, all finite."""


PARTS = (ingest_words, log_words, import_words, core_words, score_words)

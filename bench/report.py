"""What bench/run.py found, as a table for the terminal and as docs/benchmarks.md."""

import collections
import statistics
import textwrap

Round = collections.namedtuple("Round", "units wall_s cpu_s")


class Figures:
    """The rounds of each case, in the order in which they were run."""

    def __init__(self, parts):
        self.rounds = collections.defaultdict(list)
        self.cases = {case: shown for part in parts for case, shown in part.CASES.items()}
        self.peers = [pair for part in parts for pair in getattr(part, "PEERS", ())]

    def add(self, case, units, wall_s, cpu_s):
        # A round that took no time or did nothing was not measured.
        done = units > 0 and wall_s > 0 and cpu_s >= 0
        assert case in self.cases and done, (case, units, wall_s)
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
    for case, (what, unit) in figures.cases.items():
        if case in figures.rounds:
            rates = figures.rates(case)
            yield [what, f"{count(statistics.median(rates))} {unit}/s", count(min(rates)),
                   f"{short(figures.cpu_us(case))} us", str(len(rates))]


def peer_rows(figures):
    """Ours against theirs, round by round: what one takes of the other's time."""
    for ours, theirs in figures.peers:
        if ours in figures.rounds:
            ratios = [a / b for a, b in zip(figures.rates(ours), figures.rates(theirs),
                                            strict=True)]
            cpu = figures.cpu_us(theirs) / figures.cpu_us(ours)
            yield [figures.cases[ours][0], figures.cases[theirs][0],
                   f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f}", f"{cpu:.2f}",
                   str(len(ratios))]


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


def page(figures, about, words):
    """The text of docs/benchmarks.md; `words` are the parts' paragraphs."""
    return f"""# Figures of speed

First figures, no gate: nothing fails when they get worse. `make bench` measures and writes this
page; `bench/run.py --quick` is a short form. This page was written by `{about["command"]}`.

{paragraph(machine_words(about))}

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

{chr(10).join(paragraph("- " + text, "  ") for text in words)}
"""

"""The parts of the bench, one module each; bench/run.py finds them.

A part has:
  ORDER        its place in the table
  TARGETS      the programs of bench/CMakeLists.txt that it runs
  CASES        {case: (what is shown, unit)}
  PEERS        [(our case, the peer's case)], optional
  measure(figures)  runs `Run.rounds` rounds, adds them to `figures`, checks what was done, and
               returns what words() wants to know
  words(told)  paragraphs of Markdown for "How each was measured", each beginning with a bold name
"""

import importlib
import pathlib


def load():
    """{name: module}, in their order."""
    names = [path.stem for path in pathlib.Path(__file__).parent.glob("*.py")
             if path.stem != "__init__"]
    modules = {name: importlib.import_module(f"parts.{name}") for name in names}
    return dict(sorted(modules.items(), key=lambda item: (item[1].ORDER, item[0])))

"""The script tests' protocol: `ok NAME`, `not ok NAME: why`, `skip NAME: why`, one line a case.

    from support.cases import Cases
    cases = Cases()
    with cases.case("a batch is stored"):
        assert stored == 3, f"stored {stored}"
    cases.finish()
"""

import contextlib
import sys
import traceback


class Skip(Exception):
    """Raised inside a case that cannot run here; the text says why."""


class Cases:
    """Prints the result of each case as it ends and remembers whether one failed."""

    def __init__(self):
        self.failed = 0

    @contextlib.contextmanager
    def case(self, name):
        """Runs the block as the case `name`: any exception fails it, and the next one runs."""
        try:
            yield
        except Skip as reason:
            print(f"skip {name}: {one_line(reason)}", flush=True)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also SystemExit of what is called
            self.failed += 1
            traceback.print_exc(file=sys.stdout)
            print(f"not ok {name}: {one_line(error) or type(error).__name__}", flush=True)
        else:
            print(f"ok {name}", flush=True)

    def finish(self):
        """Ends the program: status 1 when a case failed."""
        sys.exit(1 if self.failed else 0)


def one_line(error):
    return " ".join(str(error).split())[:500]

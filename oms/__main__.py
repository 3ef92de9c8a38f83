"""The command line: `oms`, or `python -m oms`."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line. Ctrl-C while it is being imported ends it, too, with one line and exit code 130."""
    usual = signal.signal(signal.SIGINT, _interrupted)
    from oms.main import app  # it takes seconds

    signal.signal(signal.SIGINT, usual)
    app(prog_name="oms")


def _interrupted(*_: object) -> None:
    # Not an exception: an import could swallow it. Nothing has begun that would have to end.
    sys.stderr.write("interrupted\n")
    sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()

"""Makes docs/demo.svg, the README's picture: `python docs/make_picture.py oms trace ID`, on a system that runs.

The picture is what the commands really print. Separate several commands by `--`.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text

CHECKOUT = Path(__file__).parents[1]
PICTURE = CHECKOUT / "docs" / "demo.svg"
COLUMNS = 118


def output(command: list[str]) -> str:
    """What the command prints on a terminal with colours. Raises CalledProcessError."""
    paths = f"{CHECKOUT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": paths, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    return done.stdout.strip("\n")


def main(arguments: list[str]) -> None:
    """Run each command and write the picture."""
    terminal = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for is_break, words in groupby(arguments, lambda word: word == "--"):
        if not is_break:
            command = list(words)
            terminal.print(Text(f"$ {' '.join(command)}", style="bold"))
            terminal.print(Text.from_ansi(output(command)))
    drawn = terminal.export_svg(title="Order management", unique_id="demo")
    PICTURE.write_text(
        re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    )  # a page loads no fonts for a picture
    print(f"wrote {PICTURE.relative_to(CHECKOUT)}")


if __name__ == "__main__":
    main(sys.argv[1:])

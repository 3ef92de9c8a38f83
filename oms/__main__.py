"""`python -m oms` is the command line, too."""

from __future__ import annotations

from oms.main import app

if __name__ == "__main__":
    app(prog_name="oms")

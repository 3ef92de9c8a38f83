"""The passwords of the command line: from the environment, else those that the installer made for this checkout."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SECRETS = CHECKOUT / ".local" / "secrets.env"


def load_secrets(environ: MutableMapping[str, str] = os.environ, file: Path = SECRETS) -> None:
    """Add what `file` sets (KEY=value lines) and `environ` does not. No file adds nothing: containers have none."""
    try:
        text = file.read_text()
    except (FileNotFoundError, PermissionError):
        return
    for line in text.splitlines():
        key, separator, value = line.partition("=")
        if separator and key.startswith("OMS_"):
            environ.setdefault(key, value)

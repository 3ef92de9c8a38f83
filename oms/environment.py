"""The passwords of the command line: from the environment, or those that the installer generated for this checkout."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SECRETS = CHECKOUT / ".local" / "secrets.env"


def load_secrets(environ: MutableMapping[str, str] = os.environ, file: Path = SECRETS) -> None:
    """Add the values of `file` (KEY=value lines) that `environ` lacks. The file may be missing, as in containers."""
    try:
        text = file.read_text()
    except (FileNotFoundError, PermissionError):
        return
    for line in text.splitlines():
        key, separator, value = line.partition("=")
        if separator and key.startswith("OMS_"):
            environ.setdefault(key, value)

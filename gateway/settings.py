"""What the gateway reads from the environment."""

from __future__ import annotations

from os import environ
from pathlib import Path

from chassis import settings
from chassis.postgres import Database


def read_model() -> Database:
    """The read model, by an account that may only read."""
    return Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))


def web_folder() -> Path:
    """Where the browser pages that need no network were installed (`OMS_WEB_DIR`); it may not be there."""
    return Path(environ.get("OMS_WEB_DIR", ".local/web"))

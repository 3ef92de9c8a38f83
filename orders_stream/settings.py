"""What `orders_stream` reads from the environment."""

from __future__ import annotations

from pathlib import Path

from chassis import settings
from chassis.databases.postgres import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def read_model() -> Database:
    """The read model, with the account that owns it."""
    return Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))

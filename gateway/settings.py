"""What the gateway reads from the environment."""

from __future__ import annotations

from chassis import settings
from chassis.postgres import Database


def read_model() -> Database:
    """The read model, by an account that may only read."""
    return Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))

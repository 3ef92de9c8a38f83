"""Settings of the processes of `shipping`."""

from __future__ import annotations

from os import environ
from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database

MIGRATIONS = Path(__file__).parent / "migrations"

LOCATION = environ.get("OMS_SHIPPING_LOCATION", "main")
"""From where orders are shipped that inventory does not source."""


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("shipping", "OMS_SHIPPING_DB_PASSWORD", "shipping"))

"""Settings of the process of `customers`."""

from __future__ import annotations

from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("customers", "OMS_CUSTOMERS_DB_PASSWORD", "customers"))

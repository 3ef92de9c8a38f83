"""Settings of the processes of `orders`."""

from __future__ import annotations

from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database

MIGRATIONS = Path(__file__).parent / "migrations"

REFERENCE_WAIT_S = settings.seconds("OMS_REFERENCE_WAIT_S", 5)
"""How long an order waits for a customer, address or product that may not have arrived in the replica yet. Heartbeats,
sent at least every two seconds, decide by then whether it exists."""

INVENTORY = settings.switch("OMS_INVENTORY", True)
"""Whether orders that inventory sources are confirmed and rejected by it alone: `off` allows both by hand."""


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"))

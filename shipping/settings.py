"""Settings of the processes of `shipping`."""

from __future__ import annotations

from os import environ
from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database
from shipping.carriers.signatures import read_secrets

MIGRATIONS = Path(__file__).parent / "migrations"

LOCATION = environ.get("OMS_SHIPPING_LOCATION", "main")
"""From where units are shipped that no store gives."""

INVENTORY = settings.switch("OMS_INVENTORY", True)
"""Whether an order gets its shipments once inventory has sourced it: `off` plans orders without it, too."""

CARRIER_SECRETS = read_secrets(environ.get("OMS_CARRIER_SECRETS", ""))
"""The secrets with which carriers sign what they report: `dhl=whsec_…,ups=whsec_…`."""


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("shipping", "OMS_SHIPPING_DB_PASSWORD", "shipping"))

"""Settings of the processes of `products`."""

from __future__ import annotations

from os import environ
from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("products", "OMS_PRODUCTS_DB_PASSWORD", "products"))


def replicas() -> int:
    """Replicas of each shard of the search index: 0 on one machine, at least 1 on a cluster."""
    return int(environ.get("OMS_ELASTICSEARCH_REPLICAS", "0"))

"""Settings of the processes of `inventory`."""

from __future__ import annotations

from dataclasses import replace
from os import environ
from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database
from chassis.settings import RedisSettings

MIGRATIONS = Path(__file__).parent / "migrations"

STORE_ANSWER_S = settings.seconds("OMS_STORE_ANSWER_S", 30)
"""How long a store may take to answer a reservation before its units are asked of another one."""

STORE_STALE_S = settings.seconds("OMS_STORE_STALE_S", 20)
"""A store from which central has heard nothing for this long is marked as stale."""

SOURCING_MOST_S = settings.seconds("OMS_SOURCING_MOST_S", 900)
"""How long an order may wait for its stores before it is rejected."""

SAFETY_MARGIN = settings.count("OMS_SAFETY_MARGIN", 3, least=0)
"""Units of each SKU in a store that are not promised online, unless a policy says otherwise."""


def stock_redis() -> RedisSettings:
    """The Redis with the stock: that of the rate limits, unless `OMS_STOCK_REDIS_HOST`, `_PORT` or `_PASSWORD` name
    another one."""
    usual = settings.redis("OMS_REDIS_PASSWORD")
    return replace(
        usual,
        host=environ.get("OMS_STOCK_REDIS_HOST", usual.host),
        port=int(environ.get("OMS_STOCK_REDIS_PORT", usual.port)),
        password=environ.get("OMS_STOCK_REDIS_PASSWORD", usual.password),
    )


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("inventory", "OMS_INVENTORY_DB_PASSWORD", "inventory"))

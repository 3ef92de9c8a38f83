"""Settings of the processes of `inventory`."""

from __future__ import annotations

from os import environ
from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database
from chassis.settings import stock_redis as stock_redis
from inventory.decisions.sourcing_policy import DEFAULT_RULES, parsed_policy

MIGRATIONS = Path(__file__).parent / "migrations"

STORE_ANSWER_S = settings.seconds("OMS_STORE_ANSWER_S", 30)
"""How long a store may take to answer a reservation before its units are asked of another one."""

STORE_STALE_S = settings.seconds("OMS_STORE_STALE_S", 20)
"""A store from which central has heard nothing for this long is marked as stale."""

SOURCING_MOST_S = settings.seconds("OMS_SOURCING_MOST_S", 900)
"""How long an order may wait for its stores before it is rejected."""

SAFETY_MARGIN = settings.count("OMS_SAFETY_MARGIN", 3, least=0)
"""Units of each SKU in a store that are not promised online, unless a policy says otherwise."""


BACKORDER_DAYS = settings.count("OMS_BACKORDER_DAYS", 30)
"""How long an order may wait for units that are back-ordered before it is rejected."""

SOURCING_POLICY = parsed_policy(
    rules=environ.get("OMS_SOURCING_RULES", ",".join(DEFAULT_RULES)),
    split=environ.get("OMS_SOURCING_SPLIT", "units"),
    stale_stores=environ.get("OMS_STALE_STORES", "last"),
)
"""Which stores give the units of orders and carts."""

SUPPLIER_SIMULATED = settings.choice("OMS_SUPPLIER", "off", "simulated") == "simulated"
"""Whether restock requests are met by themselves. Otherwise suppliers say how far they are, by REST."""

SUPPLIER_STEP_S = settings.seconds("OMS_SUPPLIER_STEP_S", 10)
"""How long the simulated supplier takes for each step of a request."""


def database() -> Database:
    """The service's own database, with its own account."""
    return Database(settings.mysql("inventory", "OMS_INVENTORY_DB_PASSWORD", "inventory"))

"""Requests units for stocks that have too few, in the transaction that learns of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection
from contracts.inventory.availability import AvailabilityRow
from inventory.restocking import repository
from inventory.restocking.rules import missing_units, requested


async def request_missing(tx: Connection, rows: Iterable[AvailabilityRow], moment: datetime) -> None:
    """Request units for those of these stocks that miss some and have no open request. Their rows are locked."""
    missing = {row.stock_id: row for row in rows if missing_units(row)}
    if not missing:
        return
    already = await repository.stocks_with_open_request(tx, missing)
    new = [
        requested(uuid7(), row.stock_id, row.store_id, row.sku, missing_units(row), moment)
        for row in missing.values()
        if row.stock_id not in already
    ]
    repository.insert_later(tx, new)

"""Requests units for stocks that have too few, in the transaction that learns of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection
from contracts.inventory.availability import AvailabilityRow
from inventory.decisions.rules import StockKey
from inventory.restocking import repository
from inventory.restocking.rules import missing_units, requested

_NONE: Mapping[StockKey, int] = MappingProxyType({})


async def request_missing(
    tx: Connection, rows: Collection[AvailabilityRow], moment: datetime, backordered: Mapping[StockKey, int] = _NONE
) -> None:
    """Request units for those of these stocks that miss some and have no open request. Their rows are locked.

    `backordered` are the units that orders wait for, by the stock that is restocked for them.
    """
    units = {row.stock_id: missing_units(row, backordered.get(StockKey(row.store_id, row.sku), 0)) for row in rows}
    missing = {row.stock_id: row for row in rows if units[row.stock_id]}
    if not missing:
        return
    already = await repository.stocks_with_open_request(tx, missing)
    new = [
        requested(uuid7(), row.stock_id, row.store_id, row.sku, units[row.stock_id], moment)
        for row in missing.values()
        if row.stock_id not in already
    ]
    repository.insert_later(tx, new)

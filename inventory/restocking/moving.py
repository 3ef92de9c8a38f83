"""Moves restock requests: by a command, or all that are due. The units of completed ones are then on their way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from chassis.databases.mysql import Connection
from contracts.inventory.restocks import RestockRequestRow, RestockStatus
from inventory import availability_rows
from inventory.decisions.rules import StockKey
from inventory.levels import Levels
from inventory.restocking import repository
from inventory.restocking.rules import NEXT, Command, after, inbound_of


async def locked(tx: Connection, request_id: UUID) -> tuple[RestockRequestRow | None, Levels]:
    """A request and the availability of its stock, both locked until the transaction ends; None if there is none."""
    found = await repository.find_request(tx, request_id)
    if found is None:
        return None, Levels([])
    levels = Levels(await availability_rows.lock(tx, [found.stock_id]))
    return (await repository.lock_requests(tx, [request_id])).get(request_id), levels


async def move(
    tx: Connection, row: RestockRequestRow, command: Command, levels: Levels, moment: datetime
) -> RestockRequestRow:
    """Write a locked request after a command, together with the next statement. Raises NotAllowed."""
    moved = after(row, command, moment)
    await _write(tx, [moved], levels, moment)
    return replace(moved, version=row.version + 1)


async def move_due(
    tx: Connection, ids: Collection[str], stock_ids: Collection[str], until: datetime, moment: datetime
) -> list[RestockRequestRow]:
    """Let the supplier do its next step with each of these requests that is due, as of `until`. Returns them."""
    levels = Levels(await availability_rows.lock(tx, stock_ids))
    moved = [after(row, NEXT[RestockStatus(row.status)], moment) for row in await repository.lock_due(tx, ids, until)]
    await _write(tx, moved, levels, moment)
    return moved


async def _write(tx: Connection, rows: Sequence[RestockRequestRow], levels: Levels, moment: datetime) -> None:
    completed = [row for row in rows if row.status == RestockStatus.COMPLETED]
    backordered = await repository.backordered_units(tx, {row.sku for row in completed})
    sent = [inbound_of(row, moment, backordered.get(row.sku, 0)) for row in completed]
    for inbound in sent:
        levels.send(StockKey(inbound.store_id, inbound.sku), inbound.quantity)
    repository.update_later(tx, rows)
    repository.send_later(tx, sent)
    await availability_rows.write(tx, levels, levels.changed(moment))

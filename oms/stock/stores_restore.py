"""`oms stores restore ID`: rebuilds a lost database of a store from the topics and from what central knows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import typer

from chassis import settings
from chassis.addresses import store_process
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Connection, Database, transact
from chassis.databases.mysql_upserts import write_newer
from chassis.rest import idempotency
from contracts.rows import Row, columns
from contracts.stores import AllocationRow, ReceiptRow, StockMovementRow, StockRow
from oms.environment import CHECKOUT
from oms.prepare.mysql import CDC, create_store
from oms.repair.table_repair import DATABASE_ERRORS
from oms.stock.lost_database import Refused, check_lost
from oms.stock.restored import Restored, restored
from oms.stock.store_records import read_central, read_records
from oms.stock.stores_resync import send_again
from oms.terminal import at, bad, console, fail, good
from reconciliation.stock.checks_of_stores import CHECKS_OF_A_STORE
from reconciliation.stock.databases import Place
from reconciliation.stock.rules import Needs
from reconciliation.stock.verifying import run
from reconciliation.stock.violations import Violation

StoreId = Annotated[str, typer.Argument(help="Id of the store, whose process is stopped.")]

AT_ONCE = 500
MOST_SHOWN = 50
MIGRATIONS = CHECKOUT / "stores" / "migrations"

_TABLES: dict[type[Row], tuple[str, str]] = {
    StockMovementRow: ("stock_movement", "movement_id"),
    AllocationRow: ("allocation", "allocation_id"),
    ReceiptRow: ("receipt", "inbound_id"),
    StockRow: ("stock", "stock_id"),
}
"""The table of each kind of rows, and its key."""


def restore_store(store_id: StoreId) -> None:
    """Rebuild the lost database of a store from its topics. Safe to repeat; run it again if it was interrupted."""
    try:
        with console.status("restoring …"):
            made, found, until, sent = asyncio.run(restore(store_id))
    except LookupError:
        raise fail(f"there is no store {store_id}; see oms stores list") from None
    except Refused as error:
        raise fail(str(error)) from None
    except DATABASE_ERRORS as error:
        raise fail(f"not restored: {error}") from None
    console.print(
        good(f"{store_id}: {len(made.stocks)} stocks, {len(made.movements)} movements and ")
        + good(f"{len(made.allocations)} allocations restored; {sent} open reservations are sent again"),
        soft_wrap=True,
    )
    _show_losses(made, until)
    for violation in found:
        console.print(bad(str(violation)), soft_wrap=True)
    if found:
        raise typer.Exit(1)
    console.print(good("units on hand are the sum of the movements, committed units that of the allocations"))
    console.print("Start its process, then run oms stock verify")


async def restore(store_id: str) -> tuple[Restored, list[Violation], datetime | None, int]:
    """The rows that were written, the rules that they violate, up to when central had heard of the store, and how many
    reservations are sent again.

    Raises LookupError for an unknown store, Refused, KafkaError and Unavailable.
    """
    _, until = await read_central(store_id)
    name = store_process(store_id)
    variable = f"OMS_{name.upper()}_DB_PASSWORD"
    account = settings.mysql(name, variable, name)
    made = restored(await read_records(store_id))
    await check_lost(name, store_id, {each.movement_id for each in made.movements})
    await create_store(name, account.password)
    own = Database(account)
    try:
        await migrate_mysql(own, idempotency.MIGRATIONS, MIGRATIONS)
        for rows in (made.movements, made.allocations, made.receipts, made.stocks):
            for first in range(0, len(rows), AT_ONCE):
                await transact(own, partial(_write, rows=rows[first : first + AT_ONCE]))
        found = await _violations(Place(name, store_id))
    finally:
        await own.close()
    sent = await send_again(store_id)
    return made, found, until, sent.get(store_id, 0)


async def _write(tx: Connection, *, rows: Sequence[Row]) -> None:
    kind = type(rows[0])
    table, key = _TABLES[kind]
    names = [key, *(name for name in columns(kind) if name not in (key, "version")), "version"]
    await write_newer(tx, table, names, [[_value(getattr(row, name)) for name in names] for row in rows])


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return str(value) if isinstance(value, UUID) else value


async def _violations(place: Place) -> list[Violation]:
    """The rules within the store's own database that its rows violate."""
    reader = Database(settings.mysql(CDC, "OMS_CDC_PASSWORD", None))
    try:
        async with reader.reading() as connection:
            checks = [each for each in CHECKS_OF_A_STORE if each.needs is Needs.NOTHING]
            return [each for check in checks for each in await run(connection, check, place)]
    finally:
        await reader.close()


def _show_losses(made: Restored, until: datetime | None) -> None:
    known = at(until.replace(tzinfo=UTC)) if until else "the first heartbeat"
    console.print(
        f"Not restored: what the store wrote after {known} UTC and did not publish; count what it sold since."
    )
    console.print("Not restored: the idempotency keys of its last day; a till must not send old movements again.")
    for loss in made.losses[:MOST_SHOWN]:
        console.print(bad(loss), soft_wrap=True)
    if len(made.losses) > MOST_SHOWN:
        console.print(bad(f"and {len(made.losses) - MOST_SHOWN} more"))

"""`oms stores resync`: sends the open reservations of a store again, which has missed what was on its topic."""

from __future__ import annotations

import asyncio
from os import environ
from typing import Annotated

import typer

from chassis import settings
from chassis.databases.mysql import Database
from oms.prepare.mysql import RECONCILE, grant_repair
from oms.repair.table_repair import DATABASE_ERRORS
from oms.terminal import console, fail, good
from reconciliation.stock.resync import known_stores, resync

StoreId = Annotated[str | None, typer.Argument(help="Id of the store.")]
All = Annotated[bool, typer.Option("--all", help="All stores.")]


def resync_stores(store_id: StoreId = None, every: All = False) -> None:
    """Send the open reservations of a store again. Safe to repeat: what it has answered, it answers no second time."""
    if (store_id is None) != every:
        raise fail("name one store, or --all")
    try:
        sent = asyncio.run(send_again(store_id))
    except DATABASE_ERRORS as error:
        raise fail(f"cannot send the reservations again: {error}") from None
    if store_id is not None and store_id not in sent:
        raise fail(f"there is no store {store_id}; see oms stores list")
    for each, rows in sent.items():
        console.print(good(f"{each}: {rows} open reservations are sent again"))


async def send_again(store_id: str | None) -> dict[str, int]:
    """How many reservations of this store, or of all, are sent again, by store; without an unknown one.

    Raises Unavailable.
    """
    if "OMS_MYSQL_ADMIN_PASSWORD" in environ:
        await grant_repair()
    writer = Database(settings.mysql(RECONCILE, "OMS_RECONCILE_DB_PASSWORD", None))
    try:
        stores = [each for each in await known_stores() if store_id in (None, each)]
        return {each: await resync(writer, each) for each in stores}
    finally:
        await writer.close()

"""Reads the stock that a wish is about."""

from __future__ import annotations

from chassis.databases.mysql import Database
from inventory.availability.repository import Stock, find_stock, unknown_skus
from inventory.availability_rows import has_store
from inventory.decisions.wishes import Wish
from inventory.problems import unknown_sku, unknown_store
from inventory.times import now


async def read_stock(database: Database, wish: Wish) -> list[Stock]:
    """The stock of the SKUs. Raises the 422 of those that are of no product and were never in stock."""
    async with database.reading() as connection:
        stock = await find_stock(connection, wish.skus, now())
        found = {each.sku for each in stock}
        unknown = await unknown_skus(connection, [sku for sku in wish.skus if sku not in found])
    if unknown:
        raise unknown_sku(wish.unknown(unknown))
    return stock


async def check_names(database: Database, wish: Wish) -> None:
    """Raises the 422 of an unknown store, and of SKUs that are not tracked and of no product. Reads hardly ever."""
    store_id = wish.store_id if wish.store_id not in wish.knowledge.stores else None
    if store_id is None and not wish.untracked:
        return
    async with database.reading() as connection:
        if store_id is not None and not await has_store(connection, store_id):
            raise unknown_store(store_id)
        unknown = await unknown_skus(connection, sorted(wish.untracked))
        stocked = {each.sku for each in await find_stock(connection, sorted(unknown), now())}
    if unknown - stocked:
        raise unknown_sku(wish.unknown(unknown - stocked))

"""Reads the stock that a wish is about."""

from __future__ import annotations

from chassis.databases.mysql import Database
from inventory.availability.repository import Stock, find_stock, unknown_skus
from inventory.decisions.wishes import Wish
from inventory.problems import unknown_sku
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

"""What a request loads by key: all that is asked for in one tick of the loop goes into one statement, once.

A loader remembers what it has loaded, so it lives for one request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from asyncpg import Record
from strawberry.dataloader import DataLoader

from chassis.postgres import Database, PoolConnection
from gateway import repository
from gateway.connections import Connection
from gateway.customers import Address, Customer
from gateway.fields import from_row
from gateway.orders import Order, orders_page
from gateway.products import Product
from gateway.repository import LinesOf, OrdersOf

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")
Fetch = Callable[[PoolConnection, Sequence[Key]], Awaitable[list[Record]]]


class Loaders:
    """The loaders of one request."""

    def __init__(self, read_model: Database) -> None:
        self._read_model = read_model
        self.orders = self._one(Order, "order_id", repository.orders_by_id)
        self.customers = self._one(Customer, "customer_id", repository.customers_by_id)
        self.products = self._one(Product, "sku", repository.products_by_sku)
        self.addresses_of_customer = DataLoader(self._addresses_of_customers)
        self.lines = DataLoader(self._lines)
        self.orders_of_customer = DataLoader(self._orders_of_customers)

    def _one(self, made: type[Made], key: str, fetch: Fetch[Any]) -> DataLoader[Any, Made | None]:
        """A loader of what has this key, or None."""

        async def load(keys: list[Any]) -> list[Made | None]:
            async with self._read_model.connection() as connection:
                rows = await fetch(connection, keys)
            found = {row[key]: from_row(made, row) for row in rows}
            return [found.get(each) for each in keys]

        return DataLoader(load)

    async def _addresses_of_customers(self, ids: list[UUID]) -> list[list[Address]]:
        async with self._read_model.connection() as connection:
            rows = await repository.addresses_by_customer(connection, ids)
        found = _grouped(rows, "customer_id", ids)
        return [[from_row(Address, row) for row in found[each]] for each in ids]

    async def _lines(self, asked: list[LinesOf]) -> list[list[Record]]:
        async with self._read_model.connection() as connection:
            rows = await repository.lines_by_order(connection, asked)
        found = _grouped(rows, "order_id", [each.order_id for each in asked])
        return [found[each.order_id] for each in asked]

    async def _orders_of_customers(self, pages: list[OrdersOf]) -> list[Connection[Order]]:
        async with self._read_model.connection() as connection:
            found = await repository.orders_by_customer(connection, pages)
        return [
            orders_page([from_row(Order, row) for row in rows], page.first, page.behind)
            for page, rows in zip(pages, found, strict=True)
        ]


def _grouped(rows: Sequence[Record], key: str, keys: Sequence[Key]) -> Mapping[Key, list[Record]]:
    groups: dict[Key, list[Record]] = {each: [] for each in keys}
    for row in rows:
        groups[row[key]].append(row)
    return groups

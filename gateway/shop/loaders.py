"""Loads rows by key: all keys requested in one iteration of the event loop are read by one statement.

A loader caches its rows, so it lives for one request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from asyncpg import Record
from strawberry.dataloader import DataLoader

from gateway.shop import repository
from gateway.shop.orders import lists as order_lists
from gateway.shop.orders.inputs import OrderFilter
from gateway.shop.orders.lists import OrderListRequest
from gateway.shop.share import Reader

Key = TypeVar("Key", bound=Hashable)
Fetch = Callable[[Reader, Sequence[Key]], Awaitable[list[Record]]]


class CustomerOrdersKey(NamedTuple):
    """A page of one customer's orders."""

    customer_id: UUID
    request: OrderListRequest


class OrderCountKey(NamedTuple):
    """The number of a customer's orders that match a filter."""

    customer_id: UUID
    filter: OrderFilter


class Loaders:
    """The loaders of one request."""

    def __init__(self, read_model: Reader) -> None:
        self._read_model = read_model
        self._orders: dict[str, DataLoader[UUID, Record | None]] = {}
        self.customers = self._one("customer_id", repository.customers_by_id)
        self.addresses = self._one("address_id", repository.addresses_by_id)
        self.products = self._one("sku", repository.products_by_sku)
        self.categories = self._one("slug", repository.categories_by_slug)
        self.stores = self._one("store_id", repository.stores_by_id)
        self.stock = self._one("stock_id", repository.stock_by_id)
        self.sourcings = self._one("order_id", repository.sourcings_by_order)
        self.shipments = self._one("shipment_id", repository.shipments_by_id)
        self.returns = self._one("return_id", repository.returns_by_id)
        self.delivery_addresses = self._one("order_id", repository.delivery_addresses_by_order)
        self.shipments_of_order = DataLoader(self._shipments_of_orders)
        self.returns_of_order = DataLoader(self._returns_of_orders)
        self.availability = DataLoader(self._availability)
        self.stock_of_product = DataLoader(self._stock_of_products)
        self.children_of_category = DataLoader(self._children_of_categories)
        self.addresses_of_customer = DataLoader(self._addresses_of_customers)
        self.orders_of_customer = DataLoader(self._orders_of_customers)
        self.order_counts = DataLoader(self._order_counts)

    def orders(self, columns: str) -> DataLoader[UUID, Record | None]:
        """The loader of these columns of orders."""
        if columns not in self._orders:
            self._orders[columns] = self._one("order_id", partial(repository.orders_by_id, columns))
        return self._orders[columns]

    def _one(self, key: str, fetch: Fetch[Any]) -> DataLoader[Any, Record | None]:
        """A loader of the row with this key, or None."""

        async def load(keys: list[Any]) -> list[Record | None]:
            rows = await fetch(self._read_model, keys)
            found = {row[key]: row for row in rows}
            return [found.get(each) for each in keys]

        return DataLoader(load)

    async def _addresses_of_customers(self, ids: list[UUID]) -> list[list[Record]]:
        rows = await repository.addresses_by_customer(self._read_model, ids)
        found = _grouped(rows, "customer_id", ids)
        return [found[each] for each in ids]

    async def _children_of_categories(self, slugs: list[str]) -> list[list[Record]]:
        rows = await repository.categories_by_parent(self._read_model, slugs)
        found = _grouped(rows, "parent_slug", slugs)
        return [found[each] for each in slugs]

    async def _shipments_of_orders(self, ids: list[UUID]) -> list[list[Record]]:
        rows = await repository.shipments_by_order(self._read_model, ids)
        found = _grouped(rows, "order_id", ids)
        return [found[each] for each in ids]

    async def _returns_of_orders(self, ids: list[UUID]) -> list[list[Record]]:
        rows = await repository.returns_by_order(self._read_model, ids)
        found = _grouped(rows, "order_id", ids)
        return [found[each] for each in ids]

    async def _stock_of_products(self, skus: list[str]) -> list[list[Record]]:
        rows = await repository.stock_by_sku(self._read_model, skus)
        found = _grouped(rows, "sku", skus)
        return [found[each] for each in skus]

    async def _availability(self, skus: list[str]) -> list[Record]:
        rows = await repository.availability_by_sku(self._read_model, skus)
        found = {row["sku"]: row for row in rows}
        return [found[each] for each in skus]

    async def _orders_of_customers(self, pages: list[CustomerOrdersKey]) -> list[list[Record]]:
        """One statement for each kind of page: a field requests the same of all customers."""
        found: dict[CustomerOrdersKey, list[Record]] = {page: [] for page in pages}
        for request, ids in _by_request(pages).items():
            for row in await self._read_model.fetch(*order_lists.orders_of_customers(ids, request)):
                found[CustomerOrdersKey(ids[row["place_in_ids"] - 1], request)].append(row)
        return [found[page] for page in pages]

    async def _order_counts(self, counts: list[OrderCountKey]) -> list[int]:
        found: dict[OrderCountKey, int] = {}
        for filter, ids in _by_request(counts).items():
            for row in await self._read_model.fetch(*order_lists.count_orders_of_customers(ids, filter)):
                found[OrderCountKey(row["customer_id"], filter)] = row["orders"]
        return [found.get(each, 0) for each in counts]


def _by_request(request: Sequence[tuple[UUID, Key]]) -> Mapping[Key, list[UUID]]:
    """The customers of each request or filter."""
    groups: dict[Key, list[UUID]] = defaultdict(list)
    for customer_id, key in request:
        groups[key].append(customer_id)
    return groups


def _grouped(rows: Sequence[Record], key: str, keys: Sequence[Key]) -> Mapping[Key, list[Record]]:
    groups: dict[Key, list[Record]] = {each: [] for each in keys}
    for row in rows:
        groups[row[key]].append(row)
    return groups

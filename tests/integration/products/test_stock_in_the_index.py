"""One document has a product and its stock, in whatever order they arrive, are deleted and come again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import AsyncElasticsearch, NotFoundError

from chassis.databases.mysql import Database
from contracts.inventory.availability import SKU_AVAILABILITY, SkuAvailabilityRow
from contracts.products import PRODUCTS, ProductRow
from products import settings
from products.agents import index_products, index_stock
from tests.support.by_hand import by_hand
from tests.support.shop.rows import a_batch
from tests.support.views.search_index import Index

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Worker:
    """The handlers of the worker, and the documents that they write."""

    def __init__(self, index: Index, database: Database) -> None:
        self._index, self._database = index, database

    async def take(self, *rows: ProductRow | SkuAvailabilityRow) -> None:
        """Rows of the topics, each in a chunk of its own."""
        for row in rows:
            if isinstance(row, ProductRow):
                await index_products(self.elasticsearch, self._database, a_batch(PRODUCTS, [row]))
            else:
                await index_stock(self.elasticsearch, self._database)(a_batch(SKU_AVAILABILITY, [row]))

    async def document(self, sku: str) -> tuple[int, dict[str, Any]] | None:
        """The version and what is in the document that searches find."""
        try:
            found = await self.elasticsearch.get(index=self._index.name, id=sku)
        except NotFoundError:
            return None
        return None if found["_source"]["deleted"] else (found["_version"], found["_source"])

    @property
    def elasticsearch(self) -> AsyncElasticsearch:
        """The client of the index."""
        return self._index.elasticsearch


@pytest.fixture
async def worker(index: Index, products: Any) -> AsyncIterator[Worker]:
    database = settings.database()
    yield Worker(index, database)
    await database.close()


@pytest.fixture
def sku() -> str:
    return f"W-{uuid4().hex[:10]}"


def a_product(sku: str, version: int, **changes: Any) -> ProductRow:
    values: dict[str, Any] = {"name": f"{sku} {version}", "price": Decimal("18.0000"), "currency": "USD",
                              "categories": "[]", "active": True, "created_at": NOON, "updated_at": NOON}  # fmt: skip
    return ProductRow(sku=sku, version=version, **values | changes)


def a_stock(sku: str, version: int, stores: str, **changes: Any) -> SkuAvailabilityRow:
    return SkuAvailabilityRow(sku=sku, available_at=stores, version=version, **changes)


async def in_mysql(row: ProductRow) -> None:
    """The product as the service has it now."""
    await by_hand("products", "DELETE FROM products WHERE sku = %s", [row.sku])
    await by_hand(
        "products",
        "INSERT INTO products (sku, name, price, currency, categories, active, created_at, updated_at, version)"
        " VALUES (%s, %s, %s, %s, '[]', TRUE, '2026-01-02 12:00', '2026-01-02 12:00', %s)",
        [row.sku, row.name, row.price, row.currency, row.version],
    )


HISTORY: Sequence[tuple[str, int, str]] = (
    ("p", 1, ""),
    ("p", 2, ""),
    ("a", 1, '["lima"]'),
    ("a", 2, '["lima", "quito"]'),
)


async def test_a_product_and_its_stock_may_arrive_in_any_order(worker: Worker) -> None:
    for arrival in permutations(HISTORY):
        sku = f"W-{uuid4().hex[:10]}"
        await in_mysql(a_product(sku, 2))
        rows = [
            a_product(sku, version) if kind == "p" else a_stock(sku, version, stores)
            for kind, version, stores in arrival
        ]

        await worker.take(*rows)

        found = await worker.document(sku)
        assert found is not None
        version, document = found
        assert (version, document["version"], document["availability_version"]) == (4, 2, 2), arrival
        assert (document["name"], document["available_at"]) == (f"{sku} 2", ["lima", "quito"]), arrival
        assert document["in_stock"]


async def test_stock_that_arrives_before_its_product_waits_for_it(worker: Worker, sku: str) -> None:
    await worker.take(a_stock(sku, 7, '["lima"]'))
    assert await worker.document(sku) is None

    await in_mysql(a_product(sku, 1))
    await worker.take(a_product(sku, 1))

    found = await worker.document(sku)
    assert found is not None
    assert (found[0], found[1]["available_at"]) == (8, ["lima"])


async def test_a_change_of_stock_writes_the_product_that_mysql_has(worker: Worker, sku: str) -> None:
    """The topic is behind: its older row must not replace the product afterwards."""
    await in_mysql(a_product(sku, 5))
    await worker.take(a_stock(sku, 1, '["lima"]'))

    await worker.take(a_product(sku, 1))

    found = await worker.document(sku)
    assert found is not None
    assert (found[0], found[1]["name"]) == (6, f"{sku} 5")


@pytest.mark.parametrize("is_noted", [True, False])
async def test_a_deleted_product_stays_deleted_whatever_stock_comes(worker: Worker, sku: str, is_noted: bool) -> None:
    """Also one that was deleted by hand, if an old row of the topic is replayed after its stock has changed often."""
    await in_mysql(a_product(sku, 2))
    await worker.take(a_product(sku, 2), a_stock(sku, 1, '["lima"]'))
    await by_hand("products", "DELETE FROM products WHERE sku = %s", [sku])
    if is_noted:
        await by_hand("products", "INSERT INTO known_sku VALUES (%s, 3)", [sku])
    await worker.take(a_product(sku, 2, is_deleted=True))

    await worker.take(a_stock(sku, 90, '["lima", "quito"]'), a_product(sku, 2), a_product(sku, 1))

    assert await worker.document(sku) is None


async def test_a_product_that_is_made_again_has_the_stock_of_its_sku(worker: Worker, sku: str) -> None:
    await in_mysql(a_product(sku, 2))
    await worker.take(a_product(sku, 2), a_stock(sku, 40, '["lima"]'))
    await by_hand("products", "DELETE FROM products WHERE sku = %s", [sku])
    await worker.take(a_product(sku, 2, is_deleted=True))
    again = a_product(sku, 1_795_411_371_770)
    await in_mysql(again)

    await worker.take(again, a_stock(sku, 41, "[]"), a_product(sku, 2, is_deleted=True))

    found = await worker.document(sku)
    assert found is not None
    assert (found[0], found[1]["available_at"], found[1]["in_stock"]) == (again.version + 41, [], False)


async def test_stock_that_was_deleted_by_hand_is_none(worker: Worker, sku: str) -> None:
    await in_mysql(a_product(sku, 1))
    await worker.take(a_product(sku, 1), a_stock(sku, 3, '["lima"]'), a_stock(sku, 3, '["lima"]', is_deleted=True))

    found = await worker.document(sku)
    assert found is not None
    assert (found[0], found[1]["available_at"]) == (5, [])

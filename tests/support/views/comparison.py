"""Asserts that every view equals MySQL, row by row and column by column."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from elasticsearch import AsyncElasticsearch

from chassis import settings
from chassis.databases.elasticsearch import client as elasticsearch_client
from contracts.products import SEARCH_INDEX
from tests.support.by_hand import rows_by_hand
from tests.support.gateway.graph import assert_told_as_joined

Rows = dict[str, dict[str, Any]]

TABLES = {
    "customers.customer": ("customer", "customer_id", {}),
    "customers.address": ("address", "address_id", {}),
    "products.category": ("category", "slug", {}),
    "products.products": ("product", "sku", {}),
    "orders.order": ("sales_order", "order_id", {}),
    "orders.order_detail": ("order_line", "order_detail_id", {"order_line_id": "order_detail_id"}),
}
"""Each captured table, its table in the read model, its key, and columns with another name there."""

_OF_ITS_OWN = ("deleted", "total", "lines", "skus", "countries")
"""Columns that only the read model has. The total of an order is computed there, and its lines are rows of a view."""


async def mysql_rows(table: str, key: str) -> Rows:
    """All rows of a MySQL table by key, with comparable values; of orders only the current lines."""
    database, name = table.split(".")
    current = " JOIN `order` USING (order_id, lines_version)" if name == "order_detail" else ""
    rows = await rows_by_hand(database, f"SELECT `{name}`.* FROM `{name}`{current}")
    return {str(row[key]): {column: _comparable(column, value) for column, value in row.items()} for row in rows}


async def read_model_rows(table: str, key: str, renamed: dict[str, str]) -> Rows:
    """All visible rows of a read-model table by key, with comparable values."""
    account = settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD")
    connection = await asyncpg.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        database=account.database,
        server_settings={"search_path": account.schema, "timezone": "UTC"},
    )
    try:
        rows = await connection.fetch(f"SELECT * FROM {table} WHERE NOT deleted")
    finally:
        await connection.close()
    named = [{renamed.get(column, column): value for column, value in row.items()} for row in rows]
    return {
        str(row[key]): {
            column: _comparable(column, value) for column, value in row.items() if column not in _OF_ITS_OWN
        }
        for row in named
    }


async def assert_views_equal_mysql() -> None:
    """Assert that the read model, the search index and `orders-graph` equal MySQL."""
    for table, (projected, key, renamed) in TABLES.items():
        assert await read_model_rows(projected, key, renamed) == await mysql_rows(table, key), table
    products = await mysql_rows("products.products", "sku")
    stock = await mysql_rows("inventory.sku_availability", "sku")
    versions = {sku: row["version"] + stock.get(sku, {"version": 0})["version"] for sku, row in products.items()}
    assert await indexed_versions() == versions, "search index"
    await assert_told_as_joined()


async def assert_views_came_back() -> None:
    """Like `assert_views_equal_mysql`; an unavailable view is an AssertionError."""
    try:
        await assert_views_equal_mysql()
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(repr(error)) from error


async def indexed_versions() -> dict[str, int]:
    """The version of each document in the search: that of its product and of its stock."""
    search = elasticsearch_client().options(request_timeout=60)
    shown: list[dict[str, Any]] = []
    try:
        await search.indices.refresh(index=SEARCH_INDEX)
        while page := await _shown_after(search, shown[-1]["sort"] if shown else None):
            shown += page
    finally:
        await search.close()
    return {hit["_id"]: hit["_version"] for hit in shown}


async def _shown_after(search: AsyncElasticsearch, last: list[str] | None) -> list[dict[str, Any]]:
    query = {"term": {"deleted": False}}
    found = await search.search(
        index=SEARCH_INDEX, query=query, size=10_000, version=True, source=False, sort=["sku"], search_after=last
    )
    hits: list[dict[str, Any]] = found["hits"]["hits"]
    return hits


def _comparable(column: str, value: Any) -> Any:
    if column in ("categories", "delivery_addresses"):
        return orjson.loads(value)
    if column == "active":
        return bool(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, UUID):
        return str(value)
    return value

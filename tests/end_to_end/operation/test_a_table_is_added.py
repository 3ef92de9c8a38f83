"""A table that is captured from a new release on arrives with the rows that it had before, without an operator."""

from __future__ import annotations

import pytest

from chassis.databases.mysql import Database
from chassis.settings import mysql
from connectors.connect_api import Connect
from connectors.registration import as_for, configurations
from tests.support.eventually import eventually
from tests.support.shop.builders import a_category, a_product
from tests.support.system.freezing import stopped
from tests.support.views.comparison import assert_views_equal_mysql, read_model_rows

pytestmark = pytest.mark.drill

NAME = "oms-products"


async def test_its_rows_from_before_it_was_captured_are_there(system: dict[str, str]) -> None:
    connect = Connect()
    try:
        with stopped(system, "connectors"):
            await connect.configure(NAME, await _of_the_release_before())
            slug = await eventually(_a_category_that_is_not_captured)
    finally:
        await connect.close()

    await eventually(lambda: _is_in("category", "slug", slug), timeout_s=180)
    await eventually(assert_views_equal_mysql, timeout_s=180)


async def _a_category_that_is_not_captured() -> str:
    """The slug of a new category; fails while the connector runs as it was configured before."""
    slug = (await a_category(name="Not captured"))["slug"]
    sku = (await a_product())["sku"]
    await eventually(lambda: _is_in("product", "sku", sku))
    assert slug not in await read_model_rows("category", "slug", {})
    return str(slug)


async def _of_the_release_before() -> dict[str, str]:
    """The connector's configuration without the table `category`."""
    database = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    async with database.reading() as connection:
        row = await connection.fetch_one("SELECT VERSION() AS version")
    await database.close()
    assert row is not None
    now = as_for(row["version"], configurations()[NAME])
    tables = [table for table in now["table.include.list"].split(",") if not table.endswith(".category")]
    return {**now, "table.include.list": ",".join(tables)}


async def _is_in(table: str, key: str, identity: str) -> None:
    assert identity in await read_model_rows(table, key, {})

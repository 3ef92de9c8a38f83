"""A company is exported, everything is removed, and the import makes the same company in an empty system."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local import stack
from local.environment import brings_mysql
from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.shop.whole_company import digests, make_a_company
from tests.support.stock.selling import received, ship_no_orders, source_no_orders
from tests.support.system import outside_mysql
from tests.support.system.commands import oms
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

FILES = (
    *("categories.jsonl", "products.jsonl", "stores.jsonl", "stock.jsonl"),
    *("customers.jsonl", "orders.jsonl"),
)


@pytest.mark.timeout(900)  # it waits for the start of the whole system, after all that other tests left in it
async def test_an_export_makes_the_same_company_in_an_empty_system(system: dict[str, str], tmp_path: Path) -> None:
    await empty(system)  # rows that other tests wrote by hand, with history or words that are not theirs
    statuses = await make_a_company()
    await received("Ö/1 #2%", 7)
    before = await digests()
    assert {table.partition(".")[2] for table in before} == {
        "customer", "customer_word", "address", "products", "category", "product_category",
        "order", "order_detail", "order_history",
    }  # fmt: skip
    assert all(rows for rows, _ in before.values())
    await succeeds("export", str(tmp_path / "first"))
    await empty(system)
    assert all(rows == 0 for rows, _ in (await digests()).values())

    said = await succeeds("import", str(tmp_path / "first"))

    assert "everything is imported" in said
    assert await digests() == before
    for order_id, status in statuses.items():
        async with client("orders") as http:
            assert (await http.get(f"/orders/{order_id}")).json()["status"] == status
    again = await succeeds("import", str(tmp_path / "first"))
    assert " created" not in again
    assert await digests() == before
    await succeeds("export", str(tmp_path / "second"))
    for file in FILES:
        assert (tmp_path / "second" / file).read_bytes() == (tmp_path / "first" / file).read_bytes()
    await eventually(assert_views_equal_mysql, timeout_s=180)


async def empty(system: dict[str, str]) -> None:
    """Remove everything that the system holds, and start it anew."""
    await asyncio.to_thread(stack.clean, system, say=lambda _: None)
    if not brings_mysql(system):
        await outside_mysql.drop_all(system)
    await asyncio.to_thread(stack.up, system, say=lambda _: None)
    await source_no_orders()
    await ship_no_orders()


async def succeeds(*command: str) -> str:
    code, said = await oms(*command)
    assert code == 0, said
    return said

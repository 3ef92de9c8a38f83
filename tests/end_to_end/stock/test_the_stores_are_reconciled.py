"""`oms reconcile` on the whole system: no false alarm under traffic; what is spoilt is named exactly, and repaired."""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis import addresses, settings
from chassis.databases.elasticsearch import client as elasticsearch_client
from chassis.databases.postgres import Database
from chassis.http.routing.paths import url_path
from contracts.products import SEARCH_INDEX
from reconciliation.tables import TABLES
from tests.support.by_hand import by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, made
from tests.support.system.traffic import traffic
from tests.support.views.comparison import assert_views_equal_mysql

GHOST_ORDER, GHOST_LINE = str(UUID(int=7)), str(UUID(int=8))
ENOUGH = 30

COLUMNS = ", ".join([*TABLES["order"].columns, "deleted", "lines", "skus", "countries"])

SPOIL = {
    "another subtotal": ("UPDATE sales_order SET subtotal = subtotal + 1 WHERE order_id = $1", 0),
    "not shown": ("DELETE FROM sales_order WHERE order_id = $1", 1),
    "without a line": ("UPDATE sales_order SET lines = lines[2:2] WHERE order_id = $1", 2),
    "ahead": ("UPDATE sales_order SET version = 77, lines_version = 9, lines[1].version = 88 WHERE order_id = $1", 3),
    "invented": (
        f"""INSERT INTO sales_order ({COLUMNS}) SELECT {COLUMNS} FROM (
            SELECT (jsonb_populate_record(o, '{{"order_id": "{GHOST_ORDER}"}}')).* FROM sales_order AS o
            WHERE order_id = $1
        ) AS ghost""",
        4,
    ),
    "with an invented line": (
        f"""UPDATE sales_order
        SET lines = lines || jsonb_populate_record(lines[1], '{{"order_line_id": "{GHOST_LINE}", "deleted": false}}')
        WHERE order_id = $1""",
        5,
    ),
    "with a line twice": ("UPDATE sales_order SET lines = lines || lines[1] WHERE order_id = $1", 6),
    "with the SKUs of another": ("UPDATE sales_order SET skus = '{X}' WHERE order_id = $1", 7),
}
"""What somebody does to orders in the read model."""


async def oms_reconcile(*options: str) -> tuple[int, dict[str, Any]]:
    """The command as an operator runs it; its exit code and what it says."""
    command = [sys.executable, "-m", "oms", "reconcile", "--json", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, json.loads(said)


def named(said: dict[str, Any]) -> set[tuple[str, str, str]]:
    """View, key and fault of every difference."""
    return {(each["view"], each["key"], each["fault"]) for table in said["tables"] for each in table["differences"]}


async def test_what_is_on_its_way_is_no_difference() -> None:
    async with traffic() as done:
        for rounds in range(1, 4):
            await eventually(partial(_at_least, rounds * ENOUGH, done.orders))

            code, said = await oms_reconcile("--wait", "60")

            assert (named(said), code) == (set(), 0)
    assert sum(table["rows"]["MySQL"] for table in said["tables"]) > ENOUGH


async def test_what_is_spoilt_is_named_and_repaired() -> None:
    orders = await _orders(len(SPOIL))
    products = [await a_product(sku=f"{uuid4().hex} {odd}") for odd in ("Ü/1", "+#?", "😀")]
    await eventually(assert_views_equal_mysql)
    await _spoil_read_model(orders)
    await _spoil_search([product["sku"] for product in products])

    code, said = await oms_reconcile("--wait", "1")
    assert code == 1
    assert named(said) == {
        ("sales_order", orders[0], "differs"),
        ("sales_order", orders[1], "missing"),
        ("sales_order", GHOST_ORDER, "should not be there"),
        *(("sales_order", orders[place], "differs") for place in (2, 3, 5, 6, 7)),
        ("search", products[0]["sku"], "missing"),
        ("search", products[1]["sku"], "differs"),
        ("search", "GHOST", "should not be there"),
    }

    code, said = await oms_reconcile("--repair", "--wait", "1")
    assert (code, said["left"]) == (0, [])
    await assert_views_equal_mysql()
    assert (await oms_reconcile("--deep"))[0] == 0

    await _change(orders, [product["sku"] for product in products])
    ghost = await a_product(sku="GHOST")
    assert ghost["version"] > 1
    await eventually(assert_views_equal_mysql)
    assert (await oms_reconcile("--wait", "60"))[0] == 0


LOSE = "DELETE FROM sales_order WHERE order_id = $1"
INVENT = SPOIL["with an invented line"][0]


@pytest.mark.parametrize("spoil", [LOSE, INVENT])
@pytest.mark.parametrize("is_line_deleted", [False, True])
async def test_an_order_goes_on_after_its_repair(spoil: str, is_line_deleted: bool) -> None:
    [order] = await _orders(1)
    if is_line_deleted:
        await by_hand("orders", "DELETE FROM order_detail WHERE order_id = %s AND line_number = 1", [order])
    await eventually(assert_views_equal_mysql)
    await _in_read_model(spoil, UUID(order))
    assert (await oms_reconcile("--repair", "--wait", "1"))[0] == 0

    async with client("orders") as http:
        before = await http.get(f"/orders/{order}")
        confirmed = await http.post(f"/orders/{order}/confirm", headers={"If-Match": before.headers["ETag"]})
        history = await http.get(f"/orders/{order}/history")

    assert confirmed.status_code == 200, confirmed.text
    repaired = before.json()["version"]
    assert repaired > 1
    assert confirmed.json()["version"] == repaired + 1
    assert [entry["toVersion"] for entry in history.json()["items"]] == [1, repaired + 1]
    await eventually(assert_views_equal_mysql)
    assert (await oms_reconcile("--wait", "60"))[0] == 0


async def test_the_schedule_tells_how_many_rows_differ() -> None:
    async def has_compared() -> None:
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"{addresses.url('reconciliation')}/metrics")).text
        metrics = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("oms_reconcile"))
        assert float(metrics["oms_reconcile_last_success_timestamp_seconds"]) > 0
        assert 'oms_reconcile_differences{store="search",table="products"}' in metrics

    await eventually(has_compared)


def _at_least(number: int, done: list[str]) -> None:
    assert len(done) >= number


async def _orders(number: int) -> list[str]:
    customer = await a_customer()
    address, product = await an_address(customer), await a_product()
    line = {"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}
    body = {"customerId": customer["id"], "lines": [line, line]}
    return [(await made("orders", "/orders", body))["id"] for _ in range(number)]


async def _change(orders: list[str], skus: list[str]) -> None:
    """Change each row that was repaired."""
    changes = [("orders", f"/orders/{order}") for order in orders] + [
        ("products", url_path("products", sku)) for sku in skus
    ]
    for service, path in changes:
        async with client(service) as http:
            headers = a_key() | {"If-Match": (await http.get(path)).headers["ETag"]}
            if service == "orders":
                answer = await http.post(f"{path}/confirm", headers=headers)
            else:
                headers["Content-Type"] = "application/merge-patch+json"
                answer = await http.patch(path, json={"name": "Changed"}, headers=headers)
        assert answer.status_code == 200, answer.text


async def _spoil_read_model(orders: list[str]) -> None:
    """Do to each order what `SPOIL` says."""
    for sql, place in SPOIL.values():
        await _in_read_model(sql, UUID(orders[place]))


async def _in_read_model(sql: str, value: UUID) -> None:
    owner = Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    try:
        async with owner.connection() as connection:
            assert (await connection.execute(sql, value)).endswith(" 1")
    finally:
        await owner.close()


async def _spoil_search(skus: list[str]) -> None:
    search = elasticsearch_client()
    try:
        await search.delete(index=SEARCH_INDEX, id=skus[0], refresh=True)
        await search.update(index=SEARCH_INDEX, id=skus[1], doc={"name": "Another"}, refresh=True)
        ghost = {"sku": "GHOST", "name": "Ghost", "deleted": False}
        await search.index(index=SEARCH_INDEX, id="GHOST", document=ghost, refresh=True)
    finally:
        await search.close()

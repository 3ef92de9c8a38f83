"""Rows that no connector could read are named with the remedy and read anew; what was deleted meanwhile is deleted."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis import settings
from chassis.databases.postgres import Database
from connectors.connect_api import ConnectError
from connectors.registration import configurations
from local.environment import brings_mysql
from oms.inspect.connectors import connector_states
from oms.repair.table_repair import compare_all
from reconciliation.databases import open_databases
from reconciliation.tables import TABLES
from reconciliation.watch import Watch
from tests.support.by_hand import by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, graphql, made
from tests.support.system import binlogs
from tests.support.system.freezing import stopped
from tests.support.views import everywhere
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

CONNECTORS = sorted(configurations())


class Shop:
    """Anna, who will be erased while nobody reads the binlog, and somebody who orders meanwhile."""

    def __init__(self) -> None:
        self.mark = uuid4().hex
        self.anna: dict[str, Any] = {}
        self.order: dict[str, Any] = {}
        self.product: dict[str, Any] = {}

    async def open(self) -> None:
        self.anna = await a_customer(name=f"Anna{self.mark}", email=f"{self.mark}@example.com")
        customer, self.product = await a_customer(), await a_product()
        self.order = await self._order(customer, await an_address(customer))
        await self._order(self.anna, await an_address(self.anna, street=f"Secret Street {self.mark}"))
        await eventually(assert_views_equal_mysql)
        assert await everywhere.in_stores(self.mark)

    async def change_everything(self) -> None:
        async with client("customers") as http:
            erased = await http.delete(f"/customers/{self.anna['id']}", headers={"If-Match": '"1"'})
        async with client("orders") as http:
            body = {"customerId": self.order["customerId"], "lines": [self._line(self.order)]}
            placed = await http.post("/orders", json=body, headers=a_key())
            confirmed = await http.post(f"/orders/{self.order['id']}/confirm", headers={"If-Match": '"1"'})
        await by_hand("products", "UPDATE products SET name = 'Renamed', version = version + 1")
        assert (erased.status_code, placed.status_code, confirmed.status_code) == (204, 201, 200)

    async def _order(self, customer: Mapping[str, Any], address: Mapping[str, Any]) -> dict[str, Any]:
        line = {"sku": self.product["sku"], "quantity": 2, "deliveryAddressId": address["id"]}
        return await made("orders", "/orders", {"customerId": customer["id"], "lines": [line]})

    @staticmethod
    def _line(order: Mapping[str, Any]) -> dict[str, Any]:
        [line] = order["lines"]
        return {name: line[name] for name in ("sku", "quantity", "deliveryAddressId")}

    async def assert_all_is_equal_and_anna_is_gone(self) -> None:
        await assert_views_equal_mysql()
        async with open_databases() as databases:
            compared = await compare_all(databases, list(TABLES), 0)
        assert [each.differences for each in compared] == [[]] * len(TABLES)
        assert await everywhere.in_stores(self.mark) == []


@pytest.fixture
async def shop(system: dict[str, str]) -> Shop:
    if not brings_mysql(system):
        pytest.skip("this server is not ours here")
    shop = Shop()
    await shop.open()
    return shop


async def oms(*arguments: str) -> tuple[int, str]:
    """A command as an operator runs it: its exit code and what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "oms", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def reasons() -> dict[str, str]:
    """What `oms connectors` says of each connector."""
    try:
        states = await connector_states()
    except (httpx.HTTPError, ConnectError) as error:
        raise AssertionError("Connect does not answer") from error
    return {name: " ".join(reason for each, _, _, reason in states if each == name) for name in CONNECTORS}


async def why_not_ready() -> str:
    """What the process that watches the connectors misses."""
    async with client("connectors") as http:
        missing: dict[str, str] = (await http.get("/health/ready")).json()["missing"]
    return missing.get("connectors", "")


async def each_is_named(*words: str) -> None:
    """Whether each connector is shown with all these words and its remedy, and readiness says so, too."""
    found, missing = await reasons(), await why_not_ready()
    for name in CONNECTORS:
        for word in (*words, f"`oms connectors resnapshot {name}`"):
            assert word in found[name], found
            assert word in missing, missing


async def is_ready() -> None:
    assert await why_not_ready() == ""


async def test_a_purged_binlog_is_named_and_all_is_read_anew(system: dict[str, str], shop: Shop) -> None:
    with stopped(system, "connect"):
        await shop.change_everything()
        await binlogs.purge()

    await eventually(lambda: each_is_named("purged"), timeout_s=180)
    code, said = await oms("connectors", "resnapshot", *CONNECTORS)

    assert code == 0, said
    await eventually(shop.assert_all_is_equal_and_anna_is_gone)
    await eventually(is_ready)


async def test_a_server_that_was_reset_is_named_though_all_connectors_run(system: dict[str, str], shop: Shop) -> None:
    with stopped(system, "connect"):
        await shop.change_everything()
        await binlogs.reset()
        await binlogs.grow("orders", 1_000_000)

    await eventually(lambda: each_is_named("reset or replaced"), timeout_s=180)
    code, said = await oms("connectors", "resnapshot", *CONNECTORS)

    assert code == 0, said
    await eventually(shop.assert_all_is_equal_and_anna_is_gone)
    await eventually(is_ready)


async def test_who_is_gone_from_mysql_is_deleted_without_an_operator(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_RECONCILE_WAIT_S", "1")
    await _invent_a_person(shop)
    assert await everywhere.in_stores(f"Ghost{shop.mark}")

    async with open_databases() as databases:
        await Watch().compare_all(databases)

    assert await everywhere.in_stores(f"Ghost{shop.mark}") == []
    assert (await graphql("{ __typename }"))["__typename"] == "Query"
    await assert_views_equal_mysql()


async def test_the_watch_says_that_kafka_is_away(system: dict[str, str]) -> None:
    with stopped(system, "kafka"):
        await eventually(_kafka_is_named)

    await eventually(is_ready, timeout_s=180)


async def _kafka_is_named() -> None:
    assert "Kafka" in await why_not_ready()


async def _invent_a_person(shop: Shop) -> None:
    """In the read model and in the replica, as if their deletion had never been read."""
    customer, address, name = UUID(int=0xA), UUID(int=0xB), f"Ghost{shop.mark}"
    await by_hand("orders", "INSERT INTO replica_customer VALUES (%s, 1, 0, 3)", [str(customer)])
    await by_hand(
        "orders",
        """
        INSERT INTO replica_address (address_id, customer_id, details, deleted, version)
        SELECT %s, %s, JSON_SET(details, '$.street', %s), 0, 3 FROM replica_address WHERE NOT deleted LIMIT 1
        """,
        [str(address), str(customer), name],
    )
    copied = """
        INSERT INTO customer
        SELECT (jsonb_populate_record(c, jsonb_build_object('customer_id', $1::text, 'name', $2::text))).*
        FROM customer AS c WHERE NOT deleted LIMIT 1
    """
    owner = Database(settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD"))
    try:
        async with owner.connection() as connection:
            await connection.execute(copied, str(customer), name)
    finally:
        await owner.close()

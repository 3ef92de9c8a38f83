"""Stock, reservations and answers that do not agree are found, on the real server, and what is derived is repaired."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from chassis import settings
from chassis.databases.mysql import Database
from contracts.heartbeats import HeartbeatRow
from contracts.stock_in_redis import stock_key
from oms.prepare.mysql import grant_repair
from reconciliation.stock.cache import Cache, open_cache
from reconciliation.stock.checks_of_central import RESERVED
from reconciliation.stock.databases import CENTRAL
from reconciliation.stock.repair import repair
from reconciliation.stock.rules import Rule
from reconciliation.stock.verifying import verify
from reconciliation.stock.violations import Violation
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.shop.on_topics import put, put_beat
from tests.support.stock.stock_rows import (
    INVENTORY,
    STORE,
    AgreeingRows,
    agreeing_rows,
    note_freshness,
    ship_one,
    tables_of_stock,
)
from tests.support.stock.store import inbound, reservation


@pytest.fixture(scope="module")
def tables(servers: dict[str, str]) -> None:
    """The tables of inventory and the store, and the grants on them."""

    async def make() -> None:
        async with tables_of_stock():
            await grant_repair()

    asyncio.run(make())


@pytest.fixture
async def rows(tables: None) -> AgreeingRows:
    """A stock about which all rows agree, and no others."""
    return await agreeing_rows()


@pytest.fixture
async def reader(servers: dict[str, str]) -> AsyncIterator[Database]:
    """MySQL as the watch reads it."""
    opened = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    yield opened
    await opened.close()


@pytest.fixture
async def writer(rows: AgreeingRows) -> AsyncIterator[Database]:
    """MySQL as a repair writes it."""
    opened = Database(settings.mysql("oms_reconcile", "OMS_RECONCILE_DB_PASSWORD", None))
    yield opened
    await opened.close()


async def test_rows_that_agree_violate_nothing(rows: AgreeingRows, reader: Database) -> None:
    assert await verify(reader, wait_s=0) == []


async def test_a_line_of_which_a_part_has_left_violates_nothing(rows: AgreeingRows, reader: Database) -> None:
    await note_freshness("2100-01-01")
    await ship_one(rows)

    assert await verify(reader, wait_s=0) == []


@pytest.mark.parametrize(
    ("database", "change", "rule"),
    [
        (STORE, "allocation SET shipped = 0", Rule.ANSWERS),
        (STORE, "allocation SET shipped = 2, version = 3", Rule.ANSWERS),
        (INVENTORY, "reservation SET shipped = 0 WHERE state = 'committed'", Rule.LINES),
        (INVENTORY, "reservation SET quantity = 4 WHERE state = 'committed'", Rule.RESERVED),
    ],
)
async def test_a_part_that_is_not_counted_once_is_found(
    rows: AgreeingRows, reader: Database, database: str, change: str, rule: Rule
) -> None:
    await note_freshness("2100-01-01")
    await ship_one(rows)

    await by_hand(database, f"UPDATE {change}")

    assert rule in {each.rule for each in await verify(reader, wait_s=0)}


async def test_a_part_that_the_store_has_not_booked_out_is_found(rows: AgreeingRows, reader: Database) -> None:
    await by_hand(INVENTORY, "UPDATE reservation SET dispatched = 1 WHERE state = 'committed'")
    await by_hand(INVENTORY, "DELETE FROM reservation WHERE state = 'asked'")  # whose answer is due, too
    await by_hand(INVENTORY, "UPDATE availability SET reserved = 0")
    await put(reservation(rows.sku))
    await put_beat(INVENTORY, HeartbeatRow(heartbeat_id=1, beaten_at=datetime(2100, 1, 1, tzinfo=UTC), version=1))
    assert await verify(reader, wait_s=0) == []

    await read_everything()

    assert [(each.rule, each.id) for each in await verify(reader, wait_s=0)] == [(Rule.ANSWERS, rows.committed_id)]


OF_THE_STORE = {
    "a movement is changed": ("UPDATE stock_movement SET delta = 13 WHERE sequence = 1", Rule.LEDGER),
    "a movement is lost": ("DELETE FROM stock_movement WHERE sequence = 1", Rule.LEDGER),
    "a sum is wrong": ("UPDATE stock_movement SET on_hand_after = 11 WHERE sequence = 1", Rule.LEDGER),
    "units appear": ("UPDATE stock SET on_hand = 11, version = 4", Rule.LEDGER),
    "a stock is lost": ("DELETE FROM stock", Rule.LEDGER),
    "units are committed to nobody": ("UPDATE stock SET committed = 5, version = 4", Rule.COMMITTED),
    "an allocation is lost": ("DELETE FROM allocation", Rule.COMMITTED),
    "an allocation without a stock": ("DELETE FROM stock", Rule.COMMITTED),
    "another state is answered": ("UPDATE allocation SET state = 'short'", Rule.ANSWERS),
    "an answer was not heard": ("UPDATE allocation SET state = 'short', version = 2", Rule.ANSWERS),
    "central has another stock": ("UPDATE stock SET reorder_at = 5", Rule.AVAILABILITY),
    "central has an older stock": ("UPDATE stock SET version = 4", Rule.AVAILABILITY),
    "units are delivered without a receipt": ("UPDATE stock SET delivered = 4, version = 4", Rule.RESTOCKS),
    "a receipt without a delivery": (
        "INSERT INTO receipt SELECT UUID(), stock_id, store_id, sku, 'restock', 3, 3, 0, on_hand, unsellable,"
        " committed, 3, version, UTC_TIMESTAMP(3), 1 FROM stock",
        Rule.RESTOCKS,
    ),
    "a store from a backup": ("UPDATE stock SET version = 2", Rule.AVAILABILITY),
}
OF_CENTRAL = {
    "too much is reserved": ("UPDATE availability SET reserved = 4", Rule.RESERVED),
    "units that are there are overreserved": (
        "UPDATE availability SET reserved = reserved - 1, overreserved = 1",
        Rule.RESERVED,
    ),
    "a reservation is lost": ("DELETE FROM reservation WHERE state = 'asked'", Rule.RESERVED),
    "availability is lost": ("DELETE FROM availability", Rule.AVAILABILITY),
    "availability is invented": ("UPDATE availability SET stock_id = 'seattle/none'", Rule.AVAILABILITY),
    "a reservation is unknown": ("DELETE FROM reservation WHERE state = 'committed'", Rule.ANSWERS),
    "a line has too few units": ("UPDATE replica_order_line SET quantity = quantity + 1", Rule.LINES),
    "a line waits for units that it has": (
        "INSERT INTO backorder (sku, placed_at, order_id, order_detail_id, quantity, since)"
        " SELECT sku, '2026-01-01', order_id, order_detail_id, 1, '2026-01-01'"
        " FROM replica_order_line WHERE quantity = 3",
        Rule.LINES,
    ),
    "a line that waits has lost its place": (
        "UPDATE sourcing JOIN replica_order_line USING (order_id) SET status = 'backordered', quantity = 5"
        " WHERE quantity = 3",
        Rule.LINES,
    ),
    "a refused order has units": ("UPDATE sourcing SET status = 'refused'", Rule.LINES),
    "units are incoming that were never sent": ("UPDATE availability SET incoming = 1", Rule.RESTOCKS),
    "units that were sent are not incoming": (
        "INSERT INTO inbound SELECT UUID(), stock_id, store_id, sku, 3, 0, 0, 'restock', UTC_TIMESTAMP(3), 1"
        " FROM availability",
        Rule.RESTOCKS,
    ),
    "a completed request was not sent": (
        "INSERT INTO restock_request (restock_request_id, stock_id, store_id, sku, quantity, status, requested_at,"
        " updated_at, version) SELECT UUID(), stock_id, store_id, sku, 3, 'completed', UTC_TIMESTAMP(3),"
        " UTC_TIMESTAMP(3), 3 FROM availability",
        Rule.RESTOCKS,
    ),
    "a store never answers": ("UPDATE reservation SET ask_until = '2020-01-01'", Rule.WAITING),
    "an order waits for its status": ("UPDATE sourcing SET updated_at = '2020-01-01'", Rule.WAITING),
}


@pytest.mark.parametrize("what", [*OF_THE_STORE, *OF_CENTRAL])
async def test_rows_that_do_not_agree_are_found(rows: AgreeingRows, reader: Database, what: str) -> None:
    database, (change, rule) = (STORE, OF_THE_STORE[what]) if what in OF_THE_STORE else (INVENTORY, OF_CENTRAL[what])

    await note_freshness("2100-01-01")
    assert await by_hand(database, change)

    assert rule in {each.rule for each in await verify(reader, wait_s=0)}


async def test_an_order_that_is_never_decided_is_found(rows: AgreeingRows, reader: Database) -> None:
    await by_hand(INVENTORY, "INSERT INTO sourcing_start VALUES (1, '2020-01-01')")
    await by_hand(INVENTORY, "UPDATE replica_order SET placed_at = '2020-01-02' WHERE order_id = %s", [rows.order_id])
    assert await verify(reader, wait_s=0) == []

    await by_hand(INVENTORY, "DELETE FROM sourcing WHERE order_id = %s", [rows.order_id])

    assert [(each.rule, each.id) for each in await verify(reader, wait_s=0)] == [(Rule.WAITING, rows.order_id)]


async def test_a_change_in_transit_is_no_violation(rows: AgreeingRows, reader: Database) -> None:
    await note_freshness("2100-01-01")
    await by_hand(STORE, "UPDATE stock SET reorder_at = 2, version = 4")
    looking = asyncio.create_task(verify(reader, wait_s=1.0))
    await asyncio.sleep(0)

    await by_hand(INVENTORY, "UPDATE availability SET reorder_at = 2, stock_version = 4, version = 6")

    assert await looking == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("stock SET version = 4", Rule.AVAILABILITY),
        ("allocation SET state = 'short', version = 2", Rule.ANSWERS),
    ],
)
async def test_what_was_not_heard_of_a_store_that_is_away_is_no_violation(
    rows: AgreeingRows, reader: Database, change: str, rule: Rule
) -> None:
    await note_freshness("2020-01-01")
    await by_hand(STORE, f"UPDATE {change}")
    away = {each.rule for each in await verify(reader, wait_s=0)}

    await note_freshness("2100-01-01")

    assert rule not in away
    assert rule in {each.rule for each in await verify(reader, wait_s=0)}


async def test_a_wish_is_unanswered_once_the_store_has_read_past_it(rows: AgreeingRows, reader: Database) -> None:
    await by_hand(INVENTORY, "UPDATE reservation SET wanted = 'release'")
    await by_hand(INVENTORY, "UPDATE sourcing SET status = 'released'")
    in_transit = await verify(reader, wait_s=0)
    await put(reservation(rows.sku))
    await put_beat(INVENTORY, HeartbeatRow(heartbeat_id=1, beaten_at=datetime(2100, 1, 1, tzinfo=UTC), version=1))
    unread = await verify(reader, wait_s=0)

    await read_everything()
    read = await verify(reader, wait_s=0)

    assert in_transit == unread == []
    assert {(each.rule, each.id) for each in read} == {
        (Rule.ANSWERS, rows.committed_id),
        (Rule.ANSWERS, rows.asked_id),
    }


async def test_a_sum_is_repaired_and_the_rest_is_published_again(
    rows: AgreeingRows, reader: Database, writer: Database
) -> None:
    await by_hand(INVENTORY, "UPDATE availability SET reserved = 1, overreserved = 9, stock_version = 7")

    assert await repair(writer, await verify(reader, wait_s=0)) == 2

    [stock] = await rows_by_hand(STORE, "SELECT version FROM stock")
    [availability] = await rows_by_hand(INVENTORY, "SELECT reserved, overreserved, version FROM availability")
    assert stock == {"version": 8}
    assert availability == {"reserved": 3, "overreserved": 0, "version": 6}


@pytest.mark.parametrize(
    ("by_mistake", "named", "after"),
    [("reserved = 6", "[]", '["seattle"]'), ("reserved = 2, on_hand = 7", '["seattle"]', "[]")],
)
async def test_a_repair_names_the_stores_that_have_units_at_once(
    rows: AgreeingRows, writer: Database, by_mistake: str, named: str, after: str
) -> None:
    await by_hand(INVENTORY, f"UPDATE availability SET {by_mistake}")
    await by_hand(INVENTORY, "INSERT INTO sku_availability VALUES (%s, %s, 4)", [rows.sku, named])

    for _ in range(2):
        await repair(writer, [Violation(RESERVED.rule, CENTRAL, rows.stock_id, "", RESERVED)])

    [stores] = await rows_by_hand(INVENTORY, "SELECT available_at, version FROM sku_availability")
    assert stores == {"available_at": after, "version": 5}


async def read_everything() -> None:
    """Say that the store has read both of its topics to their ends."""
    for topic, number in product(("reservation", "inbound"), range(3)):
        await by_hand(STORE, "INSERT INTO read_position VALUES (%s, %s, 1000000)", [topic, number])


async def violated_restocks(reader: Database) -> list[Violation]:
    return [each for each in await verify(reader, wait_s=0) if each.rule is Rule.RESTOCKS]


async def test_what_was_sent_is_sent_again_and_a_receipt_too(
    rows: AgreeingRows, reader: Database, writer: Database
) -> None:
    """Units are on their way until the store has a receipt; inventory has not read it."""
    await note_freshness("2100-01-01")
    for request, status in ((1, "completed"), (2, "cancelled")):
        await by_hand(
            INVENTORY,
            "INSERT INTO restock_request (restock_request_id, stock_id, store_id, sku, quantity, status, requested_at,"
            " updated_at, version) SELECT %s, stock_id, store_id, sku, 3, %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 3"
            " FROM availability",
            [str(UUID(int=request)), status],
        )
    await by_hand(
        INVENTORY,
        "INSERT INTO inbound SELECT %s, stock_id, store_id, sku, 3, 0, 0, 'restock', UTC_TIMESTAMP(3), 1"
        " FROM availability",
        [str(UUID(int=1))],
    )
    await put(reservation(rows.sku), inbound(rows.sku, 3))
    await put_beat(INVENTORY, HeartbeatRow(heartbeat_id=1, beaten_at=datetime(2100, 1, 1, tzinfo=UTC), version=1))
    unread = await violated_restocks(reader)

    await read_everything()
    unbooked = await violated_restocks(reader)
    await repair(writer, unbooked)
    [repaired] = await rows_by_hand(INVENTORY, "SELECT incoming, version FROM availability")
    await by_hand(
        STORE,
        "INSERT INTO receipt SELECT %s, stock_id, store_id, sku, 'restock', 3, 3, 0, on_hand, unsellable, committed, 3,"
        " version, UTC_TIMESTAMP(3), 1 FROM stock",
        [str(UUID(int=1))],
    )
    await by_hand(STORE, "UPDATE stock SET delivered = 3")
    await by_hand(INVENTORY, "UPDATE availability SET delivered = 3, incoming = 0")
    unclosed = await violated_restocks(reader)
    await repair(writer, unclosed)

    assert [each.id for each in unread] == [rows.stock_id]
    assert repaired == {"incoming": 3, "version": 6}
    assert {each.id for each in unbooked} == {rows.stock_id, str(UUID(int=1))}
    assert [each.id for each in unclosed] == [str(UUID(int=1))]
    assert await rows_by_hand(INVENTORY, "SELECT version FROM inbound") == [{"version": 2}]
    assert await rows_by_hand(STORE, "SELECT version FROM receipt") == [{"version": 2}]


async def test_the_ledger_is_not_repaired(rows: AgreeingRows, reader: Database, writer: Database) -> None:
    await by_hand(STORE, "DELETE FROM stock_movement WHERE sequence = 1")
    found = await verify(reader, wait_s=0)

    assert await repair(writer, found) == 0

    assert await verify(reader, wait_s=0) == found


@pytest.fixture
async def cache(rows: AgreeingRows) -> AsyncIterator[tuple[Cache, Any]]:
    """The Redis with the stock, and a client of it."""
    of = settings.stock_redis()
    async with (
        open_cache() as cache,
        Redis(host=of.host, port=of.port, password=of.password, decode_responses=True) as client,
    ):
        yield cache, client
        await client.delete(stock_key(rows.sku))


TRUE_IN_REDIS = {"seattle:a": 3, "seattle:v": 5, "seattle:h": 2, "seattle|x": "2 99999999999999"}


@pytest.mark.parametrize(
    "changes",
    [
        {"seattle:a": 4},
        {"seattle:v": 4},
        {"seattle:v": 6},
        {"seattle:h": 3},
        {"lima:a": 3, "lima:v": 5},
        {"seattle:v": "x"},
    ],
    ids=str,
)
async def test_stock_in_redis_that_is_wrong_is_found_and_removed(
    rows: AgreeingRows, reader: Database, writer: Database, cache: tuple[Cache, Any], changes: dict[str, Any]
) -> None:
    verified, client = cache
    await client.hset(stock_key(rows.sku), mapping=TRUE_IN_REDIS)
    right = await verify(reader, verified, wait_s=0)
    await client.hset(stock_key(rows.sku), mapping=changes)

    found = await verify(reader, verified, wait_s=0)

    assert right == []
    assert {each.rule for each in found} == {Rule.CACHE}
    await repair(writer, found, verified)
    assert await client.exists(stock_key(rows.sku)) == 0
    assert await verify(reader, verified, wait_s=0) == []


async def test_without_redis_the_rest_is_verified(
    rows: AgreeingRows, reader: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_STOCK_REDIS_PORT", "1")
    await by_hand(INVENTORY, "UPDATE availability SET reserved = 4")

    async with open_cache() as cache:
        found = await verify(reader, cache, wait_s=0)

    assert [each.rule for each in found] == [Rule.RESERVED]


async def know_of(store_id: str, fresh_until: str | None) -> None:
    await by_hand(
        INVENTORY,
        "INSERT INTO store (store_id, name, kind, country, fresh_until, created_at, updated_at, version)"
        " VALUES (%s, 'L', 'shop', 'PE', %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)",
        [store_id, fresh_until],
    )


@pytest.mark.parametrize(
    ("fresh_until", "has_stock", "elsewhere", "is_missed"),
    [
        ("2026-01-31", False, "", True),
        (None, True, "", True),
        (None, False, "", False),
        ("2026-01-31", True, "es-*, lima-2", False),
        ("2026-01-31", True, "lima", True),
        ("2026-01-31", True, "*", False),
    ],
)
async def test_a_store_without_a_database_is_named_once_it_has_been_in_use(
    rows: AgreeingRows,
    reader: Database,
    monkeypatch: pytest.MonkeyPatch,
    fresh_until: str | None,
    has_stock: bool,
    elsewhere: str,
    is_missed: bool,
) -> None:
    monkeypatch.setenv("OMS_STORES_ELSEWHERE", elsewhere)
    await note_freshness("2100-01-01")
    await know_of("lima-2", fresh_until)
    if has_stock:
        await by_hand(
            INVENTORY,
            "INSERT INTO availability SELECT 'lima-2/A', 'lima-2', 'A', 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 1,"
            " UTC_TIMESTAMP(3), 1, FALSE",
        )

    found = await verify(reader, wait_s=0)

    assert [str(each).partition(",")[0] for each in found] == ["V10 inventory lima-2: not verified: lima-2"] * is_missed

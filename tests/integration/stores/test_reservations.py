"""A store answers reservations from its partition of the topic, and sells while that is not possible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest
from aiokafka import ConsumerRecord, TopicPartition

from chassis.kafka.client import partitions_of, reader
from chassis.kafka.partitions import partition_of
from contracts.inventory.reservations import RESERVATION, ReservationRow, Wanted
from oms.inspect.dead_letters import OpenLetter, open_letters
from oms.repair.replay import replay_letters
from stores import heartbeat, settings
from stores.reading.dead_letters import DeadLetters
from stores.reading.reader import record_key
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.on_topics import put, put_raw
from tests.support.stock.store import (
    DATABASE,
    PATH,
    STORE,
    Till,
    allocation,
    answered,
    check_books,
    new_sku,
    open_store,
    reservation,
)


@pytest.fixture
async def till(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    async with open_store(monkeypatch) as opened:
        yield opened


def later(told: ReservationRow, wanted: Wanted, version: int) -> ReservationRow:
    """A later version of a reservation."""
    return reservation(told.sku, told.quantity, wanted, version, reservation_id=told.reservation_id)


async def test_units_are_committed_shipped_and_released(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 10)
    shipped, released, refused = reservation(sku, 3), reservation(sku, 4), reservation(sku, 4)

    await put(shipped, released, refused)
    await answered(refused.reservation_id)
    assert await till.units(sku) == (10, 0, 7)
    await put(later(shipped, Wanted.SHIP, 2), later(released, Wanted.RELEASE, 2))

    assert (await answered(shipped.reservation_id, 2))["state"] == "shipped"
    assert (await answered(released.reservation_id, 2))["state"] == "released"
    assert (await answered(refused.reservation_id))["state"] == "refused"
    assert await till.units(sku) == (7, 0, 0)
    [movement] = await rows_by_hand(
        DATABASE, "SELECT * FROM stock_movement WHERE reference = %s", [f"allocation:{shipped.reservation_id}"]
    )
    assert (movement["delta"], movement["reason"]) == (-3, "shipped")
    await check_books(sku)


async def test_an_answer_has_the_units_after_it(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 5)
    told = [reservation(sku, 2), reservation(sku, 2)]

    await put(*told)

    answers = [await answered(each.reservation_id) for each in told]
    assert [(each["on_hand"], each["committed"], each["stock_version"]) for each in answers] == [(5, 2, 2), (5, 4, 3)]
    [stock] = (await till.http.get(f"{PATH}/stock", params={"sku": sku})).json()["items"]
    assert (stock["committed"], stock["free"], stock["version"]) == (4, 1, 3)


async def test_two_lines_of_one_sku_are_summed(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 3)
    told = [reservation(sku, 2), reservation(sku, 2)]

    await put(*told)

    states = [(await answered(each.reservation_id))["state"] for each in told]
    assert states == ["committed", "refused"]
    assert await till.units(sku) == (3, 0, 2)


async def test_positions_set_back_to_0_change_nothing(servers, monkeypatch: pytest.MonkeyPatch) -> None:
    sku = new_sku()
    told = [reservation(sku, 1) for _ in range(3)]
    async with open_store(monkeypatch) as till:
        await till.move(sku, 2)
        await put(*told, later(told[0], Wanted.SHIP, 2), later(told[1], Wanted.RELEASE, 2))
        await answered(told[1].reservation_id, 2)
    tables = ("stock", "allocation", "stock_movement")
    before = [await rows_by_hand(DATABASE, f"SELECT * FROM {table}") for table in tables]
    of_topic = "SELECT next_offset FROM read_position WHERE topic = %s"
    positions = await rows_by_hand(DATABASE, of_topic, [RESERVATION.name])
    await by_hand(DATABASE, "UPDATE read_position SET next_offset = 0")

    async with open_store(monkeypatch):
        last = reservation(new_sku())
        await put(last)
        await answered(last.reservation_id)  # it is behind all others in the partition

    after = [await rows_by_hand(DATABASE, f"SELECT * FROM {table}") for table in tables]
    mine = [[row for row in rows if row.get("allocation_id") != str(last.reservation_id)] for rows in after]
    assert mine == before
    now = await rows_by_hand(DATABASE, of_topic, [RESERVATION.name])
    assert sum(row["next_offset"] for row in now) > sum(row["next_offset"] for row in positions)


async def test_carts_and_other_stores_are_not_answered(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 1)
    cart, elsewhere, own = reservation(sku, wanted=Wanted.HOLD), reservation(sku, store_id="lima"), reservation(sku)

    await put(cart, elsewhere, own)
    await answered(own.reservation_id)
    assert [await allocation(each.reservation_id) for each in (cart, elsewhere)] == [None, None]
    assert await till.units(sku) == (1, 0, 1)


async def test_positions_are_stored_after_records_of_other_stores(till: Till) -> None:
    own = partition_of(record_key(STORE), len(await partitions_of([RESERVATION.name])))
    partition = TopicPartition(RESERVATION.name, own)
    await put(reservation(new_sku(), store_id="lima"), partition=own)
    async with reader() as consumer:
        [end] = (await consumer.end_offsets([partition])).values()

    async def is_stored() -> None:
        sql = "SELECT next_offset FROM read_position WHERE topic = %s AND partition_number = %s"
        assert await rows_by_hand(DATABASE, sql, [RESERVATION.name, own]) == [{"next_offset": end}]

    await eventually(is_stored)


async def test_an_invalid_reservation_becomes_a_dead_letter_and_the_others_are_answered(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 5)
    first, invalid, last = reservation(sku), reservation(sku, -1), reservation(sku)
    parts = await partitions_of([RESERVATION.dead_letters])

    async with reader() as consumer:
        before = await consumer.end_offsets(parts)
        await put(first, invalid)
        await put_raw([(RESERVATION, record_key(STORE), b"{")])
        await put(last)
        await answered(last.reservation_id)
        after = await consumer.end_offsets(parts)

    assert sum(after.values()) - sum(before.values()) == 2
    assert (await answered(first.reservation_id))["state"] == "committed"
    assert await allocation(invalid.reservation_id) is None
    assert await till.units(sku) == (5, 0, 2)


async def test_dead_letters_are_replayed(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 5)
    fixed, invalid = reservation(sku), reservation(sku, -1)
    own = partition_of(record_key(STORE), len(await partitions_of([RESERVATION.name])))
    value = msgspec.json.encode(fixed)
    record = ConsumerRecord(
        *(RESERVATION.name, own, 10**9, 0, 0, record_key(STORE), value, None, 0, len(value)), headers=()
    )
    await DeadLetters().set_aside(RESERVATION, record, LookupError("the table was missing"))
    await put(invalid)

    async def are_open() -> list[OpenLetter]:
        found = [
            each for each in await open_letters([RESERVATION]) if each.value in (value, msgspec.json.encode(invalid))
        ]
        assert len(found) == 2
        return found

    letters = await eventually(are_open)
    answers = {letter.offset == 10**9: again async for letter, again in replay_letters(letters)}

    assert answers[True] is None
    assert (await answered(fixed.reservation_id))["state"] == "committed"
    failed_again = answers[False]
    assert failed_again is not None
    assert failed_again.attempts == 2


async def test_tills_against_orders_in_the_same_moment(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 20)
    told = [reservation(sku) for _ in range(30)]

    async def orders() -> None:
        for each in told:
            await put(each)

    answers, _ = await asyncio.gather(asyncio.gather(*(till.move(sku, -1) for _ in range(30))), orders())
    states = [(await answered(each.reservation_id))["state"] for each in told]

    sold = sum(answer.status_code == 201 for answer in answers)
    committed = states.count("committed")
    assert sold + committed == 20
    assert await till.units(sku) == (20 - sold, 0, committed)
    kinds = {answer.json()["type"] for answer in answers if answer.status_code != 201}
    assert kinds <= {"urn:oms:problem:committed-stock", "urn:oms:problem:insufficient-stock"}
    await check_books(sku)


async def test_a_till_overrides_what_is_committed_to_the_newest_order(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 4)
    older, newer = reservation(sku, 2), reservation(sku, 2)
    await put(older)
    await answered(older.reservation_id)
    await put(newer)
    await answered(newer.reservation_id)

    refused = await till.move(sku, -1)
    sold = await till.move(sku, -1, override=True)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:oms:problem:committed-stock")
    assert refused.json() | {"onHand": 4, "committed": 4, "free": 0} == refused.json()
    assert [each["id"] for each in sold.json()["short"]] == [str(newer.reservation_id)]
    assert await till.units(sku) == (3, 0, 2)
    short = await allocation(newer.reservation_id)
    assert short is not None
    assert (short["state"], short["version"], short["on_hand"], short["committed"]) == ("short", 2, 3, 2)
    assert (await till.move(sku, -9, override=True)).status_code == 409
    await check_books(sku)


async def test_lines_of_a_till_override_one_after_the_other(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 4)
    told = [reservation(sku, 2), reservation(sku), reservation(sku)]
    for each in told:
        await put(each)
        await answered(each.reservation_id)
    sale = {"sku": sku, "delta": -1, "reason": "sold", "override": True}

    results = await till.send_lines(*({**sale, "reference": f"{number}"} for number in range(3)))

    assert [each["status"] for each in results[:-1]] == [201, 201, 201]
    states = [(await answered(each.reservation_id))["state"] for each in told]
    assert states == ["short", "short", "short"]
    assert await till.units(sku) == (1, 0, 0)
    await check_books(sku)


async def test_a_count_that_finds_fewer_than_committed(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 3)
    told = reservation(sku, 2)
    await put(told)
    await answered(told.reservation_id)

    counted = await till.count(sku, 1, 1)

    assert (counted.status_code, counted.json()["difference"]) == (201, -2)
    assert [each["state"] for each in counted.json()["short"]] == ["short"]
    assert await till.units(sku) == (1, 0, 0)
    await check_books(sku)


async def test_a_picker_reports_missing_and_damaged_units(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 6)
    missing, damaged = reservation(sku, 3), reservation(sku, 2)
    await put(missing, damaged)
    await answered(damaged.reservation_id)

    listed = (await till.http.get(f"{PATH}/allocations", params={"state": "committed", "sku": sku})).json()["items"]
    too_many = await till.report_shortage(missing.reservation_id, 4)
    first = await till.report_shortage(missing.reservation_id, 1)
    second = await till.report_shortage(damaged.reservation_id, 2, "damaged")
    again = await till.report_shortage(missing.reservation_id, 1)
    unknown = await till.report_shortage(uuid4(), 1)

    assert {each["id"] for each in listed} == {str(missing.reservation_id), str(damaged.reservation_id)}
    assert (first.status_code, second.status_code, too_many.status_code) == (201, 201, 422)
    assert (again.status_code, again.json()["type"]) == (409, "urn:oms:problem:allocation-not-committed")
    assert unknown.status_code == 404
    assert await till.units(sku) == (5, 2, 0)
    await check_books(sku)


async def test_a_store_sells_and_is_ready_without_kafka(servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_KAFKA_PORT", "1")
    async with open_store(monkeypatch) as till:
        sku = new_sku()

        sold = [await till.move(sku, 2), await till.move(sku, -1), await till.count(sku, 1, 2)]
        ready = await till.http.get("/health/ready")

        async def reason() -> None:
            assert "Kafka" in (await till.http.get("/health/ready")).json()["degraded"]["reservations"]

        await eventually(reason)

    assert [answer.status_code for answer in sold] == [201, 201, 201]
    assert ready.status_code == 200


async def test_a_store_beats(till: Till) -> None:
    sql = "SELECT store_id, version FROM store_heartbeat WHERE store_id = %s"
    other = f"lima-{uuid4().hex[:8]}"

    async def is_beaten() -> None:
        assert await rows_by_hand(DATABASE, sql, [STORE])

    await eventually(is_beaten)
    database = settings.database()
    for _ in range(2):
        await heartbeat.beat(database, other)
    await database.close()

    assert await rows_by_hand(DATABASE, sql, [other]) == [{"store_id": other, "version": 2}]


async def test_records_in_a_former_partition_are_still_read(servers, monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(await partitions_of([RESERVATION.name]))
    own = partition_of(record_key(STORE), count)
    former = next(number for number in range(count) if number != own)
    sku, told = new_sku(), reservation(new_sku())
    async with open_store(monkeypatch) as till:
        await till.move(sku, 1)
        known = reservation(sku)
        await put(known)
        await answered(known.reservation_id)
    await by_hand(DATABASE, "INSERT INTO read_position VALUES (%s, %s, 0)", [RESERVATION.name, former])

    async with open_store(monkeypatch):
        await put(told, partition=former)
        await answered(told.reservation_id)

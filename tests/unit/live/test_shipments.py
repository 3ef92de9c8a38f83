"""Subscribers to shipments: each hears every version of those it selects, also those it missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import msgspec
import orjson
import pytest

from contracts.shipping import SHIPMENT, Parcel, ShipmentRow, write_parts
from gateway import errors
from gateway.errors import Refusal
from gateway.live.hub import LiveLimits
from gateway.live.hubs import Hubs
from gateway.schema import schema
from gateway.shop.context import Context
from tests.support.live.fake_log import Log
from tests.support.live.live_in_process import operation
from tests.support.shop.rows import NOON, a_line, a_shipment_row, an_order

FIELDS = """cursor shipmentId orderId version deleted shipment {
  id status location receivedBy lines { sku quantity } parcels { trackingNumber } tracking(last: 1) { code at } }"""
ALL = f"""subscription ($filter: ShipmentFilter, $after: String) {{
  shipmentsChanged(filter: $filter, after: $after) {{ {FIELDS} }} }}"""
ONE = f"""subscription ($id: ID!, $after: String) {{ ...Changed }}
fragment Changed on Subscription {{ shipmentChanged(id: $id, after: $after) {{ {FIELDS} }} }}"""

ROW = a_shipment_row(a_line(an_order(), 1), status="planned", received_by=None, version=1)
OTHER = msgspec.structs.replace(ROW, shipment_id=UUID(int=13), order_id=UUID(int=14), location="main")

AT_MOST_S = 20.0


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log(2, SHIPMENT.name)
    made.install(monkeypatch)
    return made


def write(log: Log, row: ShipmentRow, partition: int = 0, **changes: Any) -> None:
    """As the connector writes it."""
    values = msgspec.to_builtins(msgspec.structs.replace(row, **changes))
    log.put(msgspec.json.encode(values | {"__deleted": str(bool(values["__deleted"])).lower()}), partition)


@asynccontextmanager
async def open_hubs(**limits: int) -> AsyncIterator[Hubs]:
    nothing = cast(Any, None)
    hubs = Hubs(schema._schema, LiveLimits(**limits), lambda: Context(nothing, nothing, nothing, None, hubs.cursor))
    yield hubs
    await hubs.close()


async def hear(hubs: Hubs, number: int, query: str = ALL, **variables: Any) -> list[dict[str, Any]]:
    """So many changes. Raises TimeoutError if fewer come."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(AT_MOST_S), hubs.subscribe(operation(query), None, variables) as events:
        while len(found) < number:
            answer = orjson.loads((await anext(events)).payload)
            assert "errors" not in answer, answer
            found += answer["data"].values()
    return found


def versions(changes: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(UUID(each["shipmentId"]).int, each["version"]) for each in changes]


async def test_every_version_of_one_shipment_is_heard_whole(log: Log) -> None:
    async with open_hubs() as hubs:
        start = await hubs.cursor("shipments")
        write(log, ROW)
        write(log, OTHER, partition=1)
        write(log, ROW, status="delivered", received_by="Maria", version=2)
        write(log, ROW, status="delivered", version=2)  # a connector repeats what it does not know to be written
        log.put(b"{")
        write(log, ROW, version=2, is_deleted=True)

        first, second, third = await hear(hubs, 3, ONE, id=str(ROW.shipment_id), after=start)

    assert versions([first, second, third]) == [(12, 1), (12, 2), (12, 3)]
    assert first["shipment"] == {
        "id": str(ROW.shipment_id),
        "status": "PLANNED",
        "location": "seattle",
        "receivedBy": None,
        "lines": [{"sku": "SKU-1", "quantity": 3}],
        "parcels": [{"trackingNumber": "JD014600003"}],
        "tracking": [{"code": "IN_TRANSIT", "at": "2026-11-23T12:00:00Z"}],
    }
    assert (second["shipment"]["receivedBy"], second["orderId"]) == ("Maria", str(ROW.order_id))
    assert (third["deleted"], third["shipment"]) == (True, None)


@pytest.mark.parametrize(
    ("filter", "heard"),
    [
        ({}, [(12, 1), (13, 1), (12, 2)]),
        ({"orderId": str(OTHER.order_id)}, [(13, 1)]),
        ({"customerId": str(ROW.customer_id)}, [(12, 1), (13, 1), (12, 2)]),
        ({"status": ["PACKED", "FAILED"]}, [(12, 2)]),
        ({"location": "main"}, [(13, 1)]),
        ({"location": "store:seattle", "status": ["PLANNED"]}, [(12, 1)]),
        ({"ids": ["x", str(OTHER.shipment_id)]}, [(13, 1)]),
    ],
)
async def test_versions_that_match_the_filter_are_heard(
    log: Log, filter: dict[str, Any], heard: list[tuple[int, int]]
) -> None:
    async with open_hubs() as hubs:
        start = await hubs.cursor("shipments")
        write(log, ROW)
        write(log, OTHER)
        write(log, ROW, status="packed", version=2)
        write(log, a_shipment_row(a_line(an_order())), shipment_id=UUID(int=99), customer_id=UUID(int=98))

        assert versions(await hear(hubs, len(heard), filter=filter, after=start)) == heard


async def test_a_client_that_comes_back_hears_what_it_missed_from_another_gateway(log: Log) -> None:
    async with open_hubs() as hubs:
        start = await hubs.cursor("shipments")
        for version in range(1, 4):
            write(log, ROW, version=version)
            write(log, OTHER, partition=1, version=version)
        heard = await hear(hubs, 2, after=start)

    write(log, ROW, version=4)
    async with open_hubs() as hubs:
        heard += await hear(hubs, 5, after=heard[-1]["cursor"])

    assert sorted(versions(heard)) == [(12, 1), (12, 2), (12, 3), (12, 4), (13, 1), (13, 2), (13, 3)]


async def test_a_slow_client_is_closed_and_resumes_where_it_was(log: Log) -> None:
    async with open_hubs(buffer=2) as hubs:
        start = await hubs.cursor("shipments")
        async with hubs.subscribe(operation(ALL), None, {"after": start}) as events:
            write(log, ROW)
            assert orjson.loads((await anext(events)).payload)["data"]["shipmentsChanged"]["version"] == 1
            next_one = anext(events)  # it becomes a member, and then takes nothing
            write(log, ROW, version=2)
            assert orjson.loads((await next_one).payload)["data"]["shipmentsChanged"]["version"] == 2
            for version in range(3, 8):
                write(log, ROW, version=version)
            await hubs._hubs["shipments"].feed.reaches([7, 0], 5)
            with pytest.raises(Refusal) as refused:
                await anext(events)

        assert refused.value.code == errors.TOO_SLOW
        rest = await hear(hubs, 5, after=refused.value.extensions["cursor"])

    assert versions(rest) == [(12, version) for version in range(3, 8)]


async def test_the_version_after_an_erasure_tells_nothing_of_the_person(log: Log) -> None:
    blank = write_parts([Parcel(carrier="dhl", parcel_id="1")])
    async with open_hubs() as hubs:
        start = await hubs.cursor("shipments")
        write(log, ROW, received_by="Maria", version=6)
        write(log, ROW, parcels=blank, received_by=None, erased_at=NOON, version=7)

        before, after = await hear(hubs, 2, after=start)

    assert (before["shipment"]["receivedBy"], before["version"]) == ("Maria", 6)
    assert (after["shipment"]["receivedBy"], after["version"]) == (None, 7)
    assert after["shipment"]["parcels"] == [{"trackingNumber": None}]


async def test_the_log_is_read_from_its_end_when_first_needed(log: Log) -> None:
    write(log, ROW)
    async with open_hubs() as hubs:
        hub = hubs._hubs["shipments"]
        assert hub.feed.next_offsets == []
        await hubs.cursor("shipments")

        assert (hub.feed.next_offsets, len(hub.feed.recent)) == ([1, 0], 0)


@pytest.mark.parametrize(
    "variables",
    [{"filter": {"status": []}}, {"filter": {"status": ["UNKNOWN"]}}, {"after": "WyJjaGFuZ2VzIiwwXQ"}],
    ids=str,
)
async def test_an_invalid_filter_or_the_cursor_of_orders_is_refused(log: Log, variables: dict[str, Any]) -> None:
    async with open_hubs() as hubs:
        with pytest.raises(Refusal) as refused:
            await hear(hubs, 1, **variables)

    assert refused.value.code == errors.BAD_USER_INPUT

"""Shipments in the read model: the newest row of each, whole, and nothing personal of an erased customer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import permutations
from typing import Any

import msgspec
import pytest

from chassis.databases.postgres import Database
from contracts.depots import DEPOT
from contracts.shipping import SHIPMENT, Parcel, ShipmentRow, write_parts
from orders_stream import settings
from orders_stream.agents import project
from tests.support.shop.rows import NOON, WINDOW, a_batch, a_depot, a_line, a_shipment_row, an_order
from tests.support.views.read_model import ReadModel

LINE = a_line(an_order())
SENT = a_shipment_row(LINE, received_by=None, version=4, **WINDOW)
DELIVERED = msgspec.structs.replace(
    SENT, status="delivered", delivered_at=NOON, received_by="Maria “Anders”", tracking="[]", version=6
)
NUMBER_OF_NOBODY = write_parts([Parcel(carrier="dhl", parcel_id="1")])
ERASED = msgspec.structs.replace(
    DELIVERED, parcels=NUMBER_OF_NOBODY, received_by=None, erased_at=NOON, updated_at=NOON, version=7
)
GONE = msgspec.structs.replace(DELIVERED, is_deleted=True)
PERSONAL = ("JD014600003", "Maria")


@pytest.fixture
async def owner(read_model: ReadModel) -> AsyncIterator[Database]:
    """The read model as orders_stream has it."""
    opened = settings.read_model()
    yield opened
    await opened.close()


async def written(owner: Database, *rows: ShipmentRow) -> Sequence[Any]:
    for row in rows:
        await project(owner, SHIPMENT, "shipment")(a_batch(SHIPMENT, [row]))
    return await owner.fetch("SELECT *, shipment::text AS text FROM shipment", ())


async def test_a_shipment_is_stored_as_its_row_is(owner: Database) -> None:
    [row] = await written(owner, SENT)

    names = [name for name in SENT.__struct_fields__ if name not in ("is_deleted", "committed_ms")]
    assert {name: row[name] for name in names} == {name: getattr(SENT, name) for name in names}
    assert row["deleted"] is False


@pytest.mark.parametrize("arrival", list(permutations([SENT, DELIVERED, SENT, ERASED])))
async def test_the_newest_row_stays_however_rows_arrive(owner: Database, arrival: list[ShipmentRow]) -> None:
    [row] = await written(owner, *arrival)

    assert (row["status"], row["version"], row["erased_at"]) == ("delivered", 7, NOON)
    assert [name for name in PERSONAL if name in row["text"]] == []


@pytest.mark.parametrize("arrival", list(permutations([SENT, DELIVERED, GONE])))
async def test_a_deleted_row_stays_without_personal_data(owner: Database, arrival: list[ShipmentRow]) -> None:
    [row] = await written(owner, *arrival)

    assert (row["deleted"], row["version"], row["parcels"], row["received_by"]) == (True, 7, "[]", None)
    assert [name for name in PERSONAL if name in row["text"]] == []


async def test_of_the_rows_of_one_chunk_the_newest_is_written(owner: Database) -> None:
    await project(owner, SHIPMENT, "shipment")(a_batch(SHIPMENT, [DELIVERED, SENT, DELIVERED]))

    [row] = await owner.fetch("SELECT version, received_by FROM shipment", ())
    assert tuple(row) == (6, "Maria “Anders”")


@pytest.mark.parametrize("arrival", list(permutations([(1, False), (3, False), (3, True)])))
async def test_the_newest_row_of_a_depot_stays(owner: Database, arrival: list[tuple[int, bool]]) -> None:
    for version, is_deleted in arrival:
        row = a_depot(version=version, vans='["x"]' if version > 1 else "[]", is_deleted=is_deleted)
        await project(owner, DEPOT, "depot")(a_batch(DEPOT, [row]))

    [found] = await owner.fetch("SELECT * FROM depot", ())
    assert (found["version"], found["deleted"], found["vans"]) == (4, True, '["x"]')

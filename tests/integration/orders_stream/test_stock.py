"""Stores, availability and sourcings in the read model: the newest rows, with what is computed of their units."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import permutations
from typing import Any

import pytest

from chassis.databases.postgres import Database
from contracts.inventory.availability import AVAILABILITY, AvailabilityRow
from contracts.inventory.restocks import RESTOCK_REQUEST, RestockRequestRow
from contracts.inventory.sourcing import SOURCING
from orders_stream import settings
from orders_stream.agents import project
from tests.support.shop.rows import a_batch, a_line, a_restock, a_sourcing, an_availability, an_order
from tests.support.views.read_model import ReadModel

MOST = 2**31 - 1
SKU = "a/b é\\'"
FIRST, SECOND = (an_availability("seattle", SKU, on_hand=10 * version, version=version) for version in (1, 2))
GONE = an_availability("seattle", SKU, on_hand=20, version=2, is_deleted=True)


@pytest.fixture
async def owner(read_model: ReadModel) -> AsyncIterator[Database]:
    """The read model as orders_stream has it."""
    opened = settings.read_model()
    yield opened
    await opened.close()


async def written(owner: Database, *rows: AvailabilityRow) -> Sequence[Any]:
    for row in rows:
        await project(owner, AVAILABILITY, "availability")(a_batch(AVAILABILITY, [row]))
    return await owner.fetch("SELECT * FROM availability ORDER BY stock_id", ())


@pytest.mark.parametrize("arrival", list(permutations([FIRST, SECOND, GONE])))
async def test_the_newest_row_stays_however_rows_arrive(owner: Database, arrival: list[AvailabilityRow]) -> None:
    [row] = await written(owner, *arrival)

    assert (row["stock_id"], row["store_id"], row["sku"]) == (f"seattle/{SKU}", "seattle", SKU)
    assert (row["on_hand"], row["version"], row["deleted"]) == (20, 3, True)


@pytest.mark.parametrize(
    ("units", "is_low"),
    [
        ({"on_hand": 13, "unsellable": 1, "committed": 4, "reserved": 1}, False),
        ({"on_hand": 3, "reserved": 5}, False),
        ({"on_hand": 0, "reserved": MOST, "safety_margin": MOST}, False),
        ({"on_hand": MOST, "incoming": MOST, "reorder_at": MOST, "safety_margin": 0}, False),
        ({"on_hand": 9, "committed": 2, "reorder_at": 7}, True),
        ({"on_hand": 9, "committed": 2, "reorder_at": 6}, False),
        ({"on_hand": 1, "incoming": 5, "reorder_at": 5}, False),
    ],
)
async def test_units_are_computed_as_the_contract_says(owner: Database, units: dict[str, int], is_low: bool) -> None:
    stock = an_availability("seattle", SKU, **units)

    [row] = await written(owner, stock)

    assert (row["available"], row["available_to_promise"]) == (stock.available, stock.available_to_promise)
    assert row["is_low"] is is_low


async def test_a_sourcing_keeps_its_lines(owner: Database) -> None:
    sourcing = a_sourcing(a_line(an_order()), reason="out of “|”")

    await project(owner, SOURCING, "sourcing")(a_batch(SOURCING, [sourcing]))

    [row] = await owner.fetch("SELECT status, reason, lines::text FROM sourcing", ())
    assert tuple(row) == (sourcing.status, sourcing.reason, sourcing.lines)


ASKED = a_restock(SKU)
BOOKED = a_restock(SKU, status="received", added=28, refused=2, received_at=ASKED.requested_at, version=4)


@pytest.mark.parametrize("arrival", list(permutations([ASKED, BOOKED, ASKED])))
async def test_the_newest_state_of_a_restock_request_stays(owner: Database, arrival: list[RestockRequestRow]) -> None:
    for each in arrival:
        await project(owner, RESTOCK_REQUEST, "restock_request")(a_batch(RESTOCK_REQUEST, [each]))

    [row] = await owner.fetch("SELECT * FROM restock_request", ())
    assert (row["restock_request_id"], row["sku"], row["quantity"]) == (ASKED.restock_request_id, SKU, 30)
    assert (row["status"], row["added"], row["refused"], row["version"]) == ("received", 28, 2, 4)

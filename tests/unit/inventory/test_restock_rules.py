"""When a stock is restocked, and what may happen to a restock request."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.restocks import RestockStatus
from contracts.stores import ReceiptRow
from inventory.decisions.places import Store
from inventory.decisions.rules import StockKey
from inventory.decisions.sourcing_policy import SourcingPolicy
from inventory.levels import Levels
from inventory.restocking.rules import (
    Command,
    NotAllowed,
    after,
    missing_units,
    received,
    requested,
    restocked_for_backorders,
)
from tests.support.shop.rows import NOON, an_availability


@pytest.mark.parametrize(
    ("units", "missing"),
    [
        ({"on_hand": 6}, 0),
        ({"on_hand": 5}, 15),
        ({"on_hand": 12, "committed": 6, "unsellable": 1}, 15),
        ({"on_hand": 12, "committed": 6, "unsellable": 1, "incoming": 1}, 0),
        ({"on_hand": 6, "reserved": 6}, 0),
        ({"on_hand": 0, "reorder_to": None}, 0),
        ({"on_hand": 0, "reorder_at": None}, 0),
        ({"on_hand": 0, "reorder_at": 0, "reorder_to": 1}, 1),
    ],
)
def test_as_many_units_are_requested_as_are_missing(units: dict[str, Any], missing: int) -> None:
    assert missing_units(a_stock(**units)) == missing


@pytest.mark.parametrize(
    ("units", "backordered", "missing"),
    [
        ({"on_hand": 0}, 3, 23),
        ({"on_hand": 4, "committed": 4}, 30, 50),
        ({"on_hand": 8}, 1, 13),  # those on hand are kept by the safety margin
        ({"on_hand": 25}, 1, 1),
        ({"on_hand": 0, "incoming": 23}, 3, 0),
        ({"on_hand": 0, "incoming": 20}, 30, 30),
        ({"on_hand": 0, "reorder_to": None}, 3, 0),
        ({"on_hand": 0, "reorder_to": 2**31 - 1}, 2**31, 2**31 - 1),
    ],
)
def test_back_ordered_units_are_requested_too(units: dict[str, Any], backordered: int, missing: int) -> None:
    assert missing_units(a_stock(**units), backordered) == missing


STORES = {
    "lima": Store("lima", priority=9, is_stale=True),
    "quito": Store("quito", priority=9, sells_online=False),
    "seattle": Store("seattle"),
}


@pytest.mark.parametrize(
    ("with_levels", "restocked"),
    [
        (["seattle", "quito", "lima"], "lima"),
        (["seattle", "quito"], "seattle"),
        (["zagreb", "seattle"], "seattle"),
        (["quito"], None),
        ([], None),
    ],
)
def test_the_best_store_with_levels_is_restocked_for_those_who_wait(
    with_levels: list[str], restocked: str | None
) -> None:
    rows = [an_availability(each, "A", on_hand=2, reorder_at=5, reorder_to=20) for each in with_levels]
    rows += [an_availability("bogota", "A", reorder_at=5), an_availability("cusco", "A", reorder_to=5)]

    units = restocked_for_backorders({"A": 7}, Levels(rows), STORES, SourcingPolicy())

    assert units == ({StockKey(restocked, "A"): 7} if restocked else {})


@pytest.mark.parametrize(("on_hand", "requested_units"), [(3, 7), (8, 2), (10, 0), (99, 0)])
def test_units_that_wait_for_others_are_not_requested_again(on_hand: int, requested_units: int) -> None:
    """An order that is not split waits for a second SKU, while there are units of the first."""
    levels = Levels([an_availability("lima", "A", on_hand=on_hand, safety_margin=3, reorder_at=5, reorder_to=20)])

    units = restocked_for_backorders({"A": 7}, levels, {}, SourcingPolicy())

    assert units == {StockKey("lima", "A"): requested_units}


def a_stock(**units: Any) -> AvailabilityRow:
    """A stock that is requested at five units, up to twenty."""
    return an_availability("seattle", "A", **{"reserved": 0, "reorder_at": 5, "reorder_to": 20, **units})


ALLOWED: dict[tuple[str, Command], RestockStatus] = {
    (RestockStatus.ACCEPTED, Command.MANUFACTURE): RestockStatus.MANUFACTURING,
    (RestockStatus.ACCEPTED, Command.CANCEL): RestockStatus.CANCELLED,
    (RestockStatus.MANUFACTURING, Command.COMPLETE): RestockStatus.COMPLETED,
    (RestockStatus.MANUFACTURING, Command.CANCEL): RestockStatus.CANCELLED,
}


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("status", [*RestockStatus, "of a later version"])
def test_a_command_is_allowed_or_refused_by_the_status(status: str, command: Command) -> None:
    request = requested(uuid4(), "seattle/A", "seattle", "A", 15, NOON)
    values = {name: getattr(request, name) for name in request.__struct_fields__}
    request = type(request)(**values | {"status": status})

    if expected := ALLOWED.get((status, command)):
        assert after(request, command, NOON).status == expected
    else:
        with pytest.raises(NotAllowed):
            after(request, command, NOON)


def test_a_receipt_that_comes_again_changes_nothing() -> None:
    request = requested(uuid4(), "seattle/A", "seattle", "A", 15, NOON)
    receipt = ReceiptRow(
        inbound_id=request.restock_request_id, stock_id="seattle/A", store_id="seattle", sku="A", reason="restock",
        quantity=15, added=12, refused=3, on_hand=20, unsellable=0, committed=0, delivered=15, stock_version=4,
        received_at=NOON, version=1,
    )  # fmt: skip

    closed = received(request, receipt, NOON)

    assert (closed.status, closed.added, closed.refused) == ("received", 12, 3)
    assert received(closed, receipt, NOON) is closed

"""When a stock is restocked, and what may happen to a restock request."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from contracts.inventory.restocks import RestockStatus
from contracts.stores import ReceiptRow
from inventory.restocking.rules import Command, NotAllowed, after, missing_units, received, requested
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
    row = an_availability("seattle", "A", **{"reserved": 0, "reorder_at": 5, "reorder_to": 20, **units})

    assert missing_units(row) == missing


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

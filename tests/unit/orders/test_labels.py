"""Which parcels may have an address from before its correction on their label."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from orders.fulfilment.labels import Correction, Known, newly_packed, outdated
from tests.support.shop.rows import NOON
from tests.support.shop.shipment_rows import CANCELLED, DISPATCHED, PACKED, PLANNED, a_shipment

MINUTE = timedelta(minutes=1)
ROW = a_shipment(uuid4(), {uuid4(): 1}, status=PACKED, packed_at=NOON)
OTHER = UUID(int=7)
REASON = f"street of {ROW.delivery_address_id}"


@pytest.mark.parametrize(
    ("correction", "is_outdated"),
    [
        (Correction(ROW.order_id, REASON, NOON + MINUTE), True),
        (Correction(ROW.order_id, REASON, NOON - MINUTE), False),
        (Correction(OTHER, REASON, NOON + MINUTE), False),
        (Correction(ROW.order_id, f"street of {OTHER}", NOON + MINUTE), False),
        (Correction(ROW.order_id, "", NOON + MINUTE), False),
    ],
)
def test_a_label_is_outdated_by_a_later_correction_of_its_address(correction: Correction, is_outdated: bool) -> None:
    assert outdated([ROW], [correction]) == ([ROW] if is_outdated else [])


@pytest.mark.parametrize(
    ("changes", "known", "is_new"),
    [
        ({}, None, True),
        ({}, Known(PLANNED, None), True),
        ({"status": DISPATCHED}, Known(PLANNED, None), True),
        ({"status": DISPATCHED}, Known(PACKED, NOON), False),
        ({"status": PLANNED, "packed_at": None}, None, False),
        ({"status": CANCELLED}, Known(PLANNED, None), False),
        ({"is_deleted": True}, Known(PLANNED, None), False),
    ],
)
def test_a_shipment_is_packed_once(changes: dict[str, Any], known: Known | None, is_new: bool) -> None:
    row = replace(ROW, **changes)

    found = newly_packed([row], {row.shipment_id: known} if known else {})

    assert found == ([row] if is_new else [])

"""What `oms trace` finds of the shipments of an order: their rows, their events, and what the read model shows."""

from __future__ import annotations

from uuid import uuid4

from msgspec.structs import replace

from oms.inspect.shipment_trace import look_up_shipments
from tests.support.shop.rows import a_line, a_return_row, a_shipment_row, an_order
from tests.support.views.both_sides import BothSides

EVENT = """
INSERT INTO shipping_event (stream_id, sequence, event_id, type, type_version, data, happened_at, recorded_at, version)
VALUES (%s, %s, UUID(), %s, 1, '{}', '2026-11-23 12:00:00', '2026-11-23 12:00:01', 1)
"""


async def test_the_shipments_of_an_order_are_found_with_their_events(sides: BothSides) -> None:
    order = an_order()
    first, second = (a_shipment_row(a_line(order), shipment_id=uuid4(), version=version) for version in (2, 1))
    other = a_shipment_row(a_line(an_order()), shipment_id=uuid4())
    await sides.put(first, other)
    await sides.put_into_mysql(second)
    await sides.put_into_views(replace(first, version=1))  # comes late
    back = a_return_row(a_line(order), version=1)
    await sides.put(back)
    await sides.in_mysql("shipping", EVENT, f"return:{back.return_id}", 1, "ReturnRequested")
    for shipment, sequence, type_ in ((first, 2, "ShipmentPacked"), (first, 1, "ShipmentPlanned"), (other, 1, "X")):
        await sides.in_mysql("shipping", EVENT, f"shipment:{shipment.shipment_id}", sequence, type_)

    found = await look_up_shipments(order.order_id)

    assert {row["shipment_id"] for row in found.shipments} == {str(first.shipment_id), str(second.shipment_id)}
    types = [(row["sequence"], row["type"]) for row in found.events]
    assert types == [(1, "ReturnRequested"), (1, "ShipmentPlanned"), (2, "ShipmentPacked")]
    assert [row["return_id"] for row in found.returns] == [str(back.return_id)]
    assert (found.shown, found.why_unknown) == ({first.shipment_id: 2, back.return_id: 1}, "")

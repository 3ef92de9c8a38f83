"""The tables of `oms trace` about shipments: which version is where, and each event."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from rich.console import Console
from rich.table import Table

from contracts.shipping import Parcel, ShippedLine, write_parts
from oms.inspect.shipment_trace import Row, ShipmentTrace, table_of_events, table_of_returns, table_of_shipments
from tests.support.shop.rows import a_line, a_return_row, an_order

FIRST, SECOND = UUID(int=1), UUID(int=2)
LINES = [
    ShippedLine(sku=sku, quantity=quantity, line_number=quantity, order_line_id=UUID(int=quantity))
    for sku, quantity in (("CHAI", 2), ("TEA", 1))
]


def a_row(shipment_id: UUID, version: int, reason: str | None = None) -> Row:
    return {
        "shipment_id": str(shipment_id),
        "status": "failed" if reason else "packed",
        "location": "seattle",
        "lines": write_parts(LINES),
        "parcels": write_parts([Parcel(parcel_id="1")]),
        "reason": reason,
        "version": version,
    }


def shown(table: Table) -> list[list[str]]:
    """The cells of each row: it begins with the id of a shipment."""
    console = Console(width=250, color_system=None)
    with console.capture() as capture:
        console.print(table)
    lines = capture.get().splitlines()
    rows = [line.split("  ") for line in lines if line.strip().startswith("00000000-")]
    return [[cell.strip() for cell in row if cell.strip()] for row in rows]


def test_a_shipment_is_shown_with_the_version_of_each_place() -> None:
    found = ShipmentTrace([a_row(FIRST, 3), a_row(SECOND, 6, "recipient-absent")], shown={FIRST: 2})

    first, second = shown(table_of_shipments(found))

    assert [cell for cell in first if "version" in cell] == ["version 3", "version 2"]
    assert "2 CHAI, 1 TEA" in " ".join(first)
    assert "failed: recipient-absent" in " ".join(second)
    assert second[-1] == "missing"


def test_without_the_read_model_its_version_is_unknown() -> None:
    [row] = shown(table_of_shipments(ShipmentTrace([a_row(FIRST, 3)], why_unknown="timeout")))

    assert row[-1] == "?"


def test_a_return_is_shown_with_its_refund() -> None:
    rows = [
        {
            "return_id": str(identity),
            "status": "received" if refund is None else "refunded",
            "origin": "delivered",
            "location": "seattle",
            "lines": a_return_row(a_line(an_order())).lines,
            "reason": None,
            "refund_amount": refund,
            "currency": "USD",
            "version": 3,
        }
        for identity, refund in ((FIRST, None), (SECOND, Decimal("32.5000")))
    ]

    first, second = shown(table_of_returns(ShipmentTrace(returns=rows, shown={FIRST: 3})))

    assert "received" in first
    assert {"refunded", "32.50 USD", "missing"} <= {*second}


def test_each_event_is_shown_with_its_times_and_its_caller() -> None:
    moments = [datetime(2026, 11, 23, 12), datetime(2026, 11, 23, 13)]  # as MySQL has them
    events = [
        {"stream_id": f"shipment:{FIRST}", "sequence": number, "type": type_, "caller": caller}
        | {"happened_at": moments[0], "recorded_at": moments[1]}
        for number, type_, caller in ((1, "ShipmentPlanned", None), (2, "ShipmentPacked", "ana"))
    ]

    planned, packed = shown(table_of_events(ShipmentTrace(events=events)))

    assert str(FIRST) in planned[0]
    assert "ShipmentPlanned" in " ".join(planned)
    assert "12:00:00" in " ".join(planned)
    assert "13:00:00" in " ".join(planned)
    assert packed[-1] == "ana"

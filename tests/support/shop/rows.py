"""Rows as Kafka Connect writes them, and chunks of rows, for tests that call a handler directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from aiokafka import ConsumerRecord

from chassis.chunks.batch import Batch, Entry, Position
from contracts import json_text
from contracts.customers import AddressRow, CustomerRow
from contracts.depots import DepotRow
from contracts.inventory.availability import AvailabilityRow
from contracts.inventory.policies import StockPolicyRow
from contracts.inventory.restocks import RestockRequestRow
from contracts.inventory.sourcing import SourcedLine, SourcedPart, SourcingRow, write_lines
from contracts.inventory.stores import StoreRow
from contracts.order_returns import OrderReturnRow, ReturnLine, write_return_lines
from contracts.orders import DeliveryAddress, OrderDetailRow, OrderRow, OrderStatus
from contracts.products import CategoryRow
from contracts.rows import Row
from contracts.shipping import Parcel, ShipmentRow, ShippedLine, TrackingEvent, write_parts
from contracts.stores import stock_id
from contracts.topics import Topic

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_delivery_address(address_id: UUID, **changes: Any) -> DeliveryAddress:
    """A delivery address as the order stores it."""
    said: dict[str, Any] = dict.fromkeys(DeliveryAddress.__struct_fields__)
    said |= {"street": "Obere Str.", "number": "57", "city": "Berlin", "postal_code": "12209", "country": "DE"}
    return DeliveryAddress(**said | {"address_id": address_id} | changes)


HOME = a_delivery_address(UUID(int=2))


def a_record(
    topic: str, value: bytes | None = b"{}", offset: int = 0, at_ms: int = 1_795_410_000_000
) -> ConsumerRecord:
    """A record of partition 0."""
    return ConsumerRecord(
        topic=topic,
        partition=0,
        offset=offset,
        timestamp=at_ms,
        timestamp_type=0,
        key=b"{}",
        value=value,
        checksum=None,
        serialized_key_size=2,
        serialized_value_size=len(value or b""),
        headers=(),
    )


def a_batch(topic: Topic[Any], rows: Sequence[Row], first_offset: int = 0) -> Batch:
    """Rows of partition 0 from an offset on."""
    entries = [Entry(row, a_record(topic.name, offset=first_offset + place)) for place, row in enumerate(rows)]
    return Batch(topic, entries, Position(topic.name, 0, first_offset + len(rows), NOON))


def a_customer(**changes: Any) -> CustomerRow:
    """A customer with a unique email address."""
    values: dict[str, Any] = {
        "customer_id": uuid4(),
        "name": "Maria",
        "last_name": "Anders",
        "email": f"{uuid4()}@example.com",
        "identity_document": "DNI 1",
        "phone": "030-0074321",
        "company": "Alfreds Futterkiste",
        "active": True,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return CustomerRow(**values | changes)


def an_address(**changes: Any) -> AddressRow:
    """An address with every field."""
    values: dict[str, Any] = {
        "address_id": uuid4(),
        "customer_id": UUID(int=1),
        "recipient": "Hanna Moos",
        "company": "Blauer See Delikatessen",
        "phone": "0621-08460",
        "street_type": "Straße",
        "street": "Obere Str.",
        "number": "57",
        "building": "B",
        "department": "3",
        "reference": "Beside the park",
        "city": "Berlin",
        "region": "Berlin",
        "postal_code": "12209",
        "country": "DE",
        "latitude": Decimal("52.520008"),
        "longitude": Decimal("13.404954"),
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return AddressRow(**values | changes)


def a_category(slug: str, **changes: Any) -> CategoryRow:
    """A root of the tree."""
    values: dict[str, Any] = {
        "slug": slug,
        "name": slug.title(),
        "position": 0,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return CategoryRow(**values | changes)


def an_order(**changes: Any) -> OrderRow:
    """An order with one line, delivered to the home address."""
    values: dict[str, Any] = {
        "order_id": uuid4(),
        "number": uuid4().int % 10**9,
        "external_id": None,
        "customer_id": UUID(int=1),
        "status": OrderStatus.PLACED,
        "currency": "USD",
        "subtotal": Decimal("54"),
        "freight": Decimal(0),
        "lines_version": 1,
        "line_count": 1,
        "placed_at": NOON,
        "required_at": None,
        "shipped_at": None,
        "cancelled_at": None,
        "cancellation_reason": None,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
        "delivery_addresses": written([HOME]),
    }
    return OrderRow(**values | changes)


def written(addresses: Sequence[DeliveryAddress]) -> str:
    """Delivery addresses in the format of an order's row."""
    return json_text.to_json_text(addresses)


def a_line(order: OrderRow, number: int = 1, **changes: Any) -> OrderDetailRow:
    """One line of an order."""
    values: dict[str, Any] = {
        "order_detail_id": uuid4(),
        "order_id": order.order_id,
        "lines_version": order.lines_version,
        "line_number": number,
        "sku": f"SKU-{number}",
        "product_name": f"Thing {number}",
        "quantity": 3,
        "unit_price": Decimal("18"),
        "discount": Decimal(0),
        "amount": Decimal("54"),
        "delivery_address_id": HOME.address_id,
        "version": 1,
    }
    return OrderDetailRow(**values | changes)


def a_store(store_id: str = "seattle", **changes: Any) -> StoreRow:
    """A shop with every field."""
    values: dict[str, Any] = {
        "store_id": store_id,
        "name": "Seattle",
        "kind": "shop",
        "country": "US",
        "region": "WA",
        "city": "Seattle",
        "latitude": Decimal("47.606200"),
        "longitude": Decimal("-122.332100"),
        "priority": 0,
        "sells_online": True,
        "fresh_until": NOON,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return StoreRow(**values | changes)


def an_availability(store_id: str, sku: str, **changes: Any) -> AvailabilityRow:
    """Ten units of a SKU in a store."""
    values: dict[str, Any] = {
        "stock_id": stock_id(store_id, sku),
        "store_id": store_id,
        "sku": sku,
        "on_hand": 10,
        "unsellable": 0,
        "committed": 0,
        "reserved": 0,
        "safety_margin": 3,
        "stock_version": 1,
        "updated_at": NOON,
        "version": 1,
    }
    return AvailabilityRow(**values | changes)


def a_restock(sku: str, **changes: Any) -> RestockRequestRow:
    """A request for thirty units of a SKU in a store."""
    values: dict[str, Any] = {
        "restock_request_id": UUID(int=11),
        "stock_id": stock_id("seattle", sku),
        "store_id": "seattle",
        "sku": sku,
        "quantity": 30,
        "status": "accepted",
        "requested_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return RestockRequestRow(**values | changes)


def a_policy(policy_id: str, **changes: Any) -> StockPolicyRow:
    """Orders may wait for fifty units, which take two weeks."""
    values: dict[str, Any] = {
        "policy_id": policy_id,
        "tracked": True,
        "safety_margin": 3,
        "backorders": "limit",
        "backorder_limit": 50,
        "lead_time_days": 14,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return StockPolicyRow(**values | changes)


WINDOW: Mapping[str, Any] = {
    "depot": "main",
    "delivery_date": "2026-11-24",
    "van": "a",
    "window_from": NOON + timedelta(hours=20),
    "window_to": NOON + timedelta(hours=21),
    "window_zone": "Europe/Berlin",
}
"""The columns of a shipment that a van brings."""


def a_depot(**changes: Any) -> DepotRow:
    """A depot with two vans."""
    values: dict[str, Any] = {
        "depot": "main",
        "name": "Main",
        "zone": "Europe/Berlin",
        "opens": "08:00",
        "closes": "24:00",
        "parallel_deliveries": 3,
        "vans": '["a", "b"]',
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return DepotRow(**values | changes)


def a_shipment_row(*lines: OrderDetailRow, **changes: Any) -> ShipmentRow:
    """A shipment that is on its way with all units of these lines, in one parcel that was seen once."""
    first = lines[0]
    units = [
        ShippedLine(
            sku=each.sku, quantity=each.quantity, line_number=each.line_number, order_line_id=each.order_detail_id
        )
        for each in lines
    ]
    parcel = Parcel(weight=Decimal("1.250"), carrier="dhl", parcel_id="1", tracking_number="JD014600003")
    seen = TrackingEvent(at=NOON, city="Köln “West”", code="in_transit", country="DE", event_id="dhl-1", parcel_id="1")
    values: dict[str, Any] = {
        "shipment_id": UUID(int=12),
        "order_id": first.order_id,
        "customer_id": UUID(int=1),
        "status": "dispatched",
        "location": "seattle",
        "delivery_address_id": first.delivery_address_id,
        "city": "Berlin",
        "country": "DE",
        "lines": write_parts(units),
        "parcels": write_parts([parcel]),
        "tracking": write_parts([seen]),
        "carrier": "dhl",
        "attempts": 1,
        "planned_at": NOON,
        "packed_at": NOON,
        "dispatched_at": NOON,
        "updated_at": NOON,
        "version": 5,
    }
    return ShipmentRow(**values | changes)


def a_return_row(line: OrderDetailRow, **changes: Any) -> OrderReturnRow:
    """A return of all units of this line, of which one is damaged, and whose refund was paid."""
    returned = ReturnLine(
        sku=line.sku,
        amount=Decimal("30.00"),
        reason="too-small",
        damaged=1,
        quantity=line.quantity,
        sellable=line.quantity - 1,
        line_number=line.line_number,
        order_line_id=line.order_detail_id,
    )
    values: dict[str, Any] = {
        "return_id": UUID(int=13),
        "order_id": line.order_id,
        "customer_id": UUID(int=1),
        "origin": "delivered",
        "status": "refunded",
        "rma_number": "RMA-1",
        "location": "seattle",
        "lines": write_return_lines([returned]),
        "refund_amount": Decimal("32.5000"),
        "refund_freight": Decimal("2.5000"),
        "currency": "USD",
        "refund_reference": "re_1",
        "requested_at": NOON,
        "authorised_at": NOON,
        "received_at": NOON,
        "refund_approved_at": NOON,
        "refunded_at": NOON,
        "updated_at": NOON,
        "version": 5,
    }
    return OrderReturnRow(**values | changes)


def a_sourcing(line: OrderDetailRow, **changes: Any) -> SourcingRow:
    """The sourcing of an order with one line, whose units one store has committed."""
    part = SourcedPart(store_id="seattle", quantity=line.quantity, state="committed", reservation_id=UUID(int=9))
    sourced = SourcedLine(
        order_line_id=line.order_detail_id, sku=line.sku, quantity=line.quantity, backordered=0, parts=[part]
    )
    values: dict[str, Any] = {
        "order_id": line.order_id,
        "lines_version": line.lines_version,
        "placed_at": NOON,
        "status": "committed",
        "lines": write_lines([sourced]),
        "decided_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return SourcingRow(**values | changes)

"""The database of shipping without its processes: messages go in by the real handlers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec

from chassis.chunks.batch import Batch
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from contracts.customers import CUSTOMER
from contracts.inventory.sourcing import SOURCING, SourcedLine, SourcedPart, SourcingRow, write_lines
from contracts.orders import ORDERS_GRAPH, GraphAddress, GraphLine, OrderGraph
from contracts.shipping import ShipmentRow, read_shipped_lines
from shipping import settings
from shipping.agents import follow_customers, follow_orders, follow_sourcings
from shipping.replica import repository as replica
from shipping.shipments import repository
from shipping.shipments.rows import NOTHING_PERSONAL, row_of
from tests.support.shop.rows import NOON, a_batch, a_customer
from tests.support.stock.sourcing import Clock

HOME, OFFICE = UUID(int=21), UUID(int=22)

TABLES = (
    "shipping_event", "order_return", "shipment", "replica_order", "replica_sourcing", "erased_customer",
    "tracking_number", "carrier_message", "forgotten_number", "shipping_start", "depot", "known_depot", "delivery_day",
)  # fmt: skip


class Shipping:
    """The tables of shipping, and the handlers of its worker."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        self.clock.advance(3600)
        self._orders = follow_orders(database, self.clock)
        self._sourcings = follow_sourcings(database, self.clock)
        self._customers = follow_customers(database, self.clock)

    async def order(self, *orders: OrderGraph) -> None:
        """A chunk of orders."""
        await self._orders(batch(ORDERS_GRAPH, orders))

    async def sourcing(self, *rows: SourcingRow) -> None:
        """A chunk of sourcings."""
        await self._sourcings(batch(SOURCING, rows))

    async def delete_customer(self, customer_id: UUID, version: int = 2) -> None:
        """The deletion of a customer."""
        row = msgspec.structs.replace(a_customer(customer_id=customer_id, version=version), is_deleted=True)
        await self._customers(batch(CUSTOMER, [row]))

    async def has_inventory(self) -> None:
        """Inventory has sourced an order that was placed at noon: it sources all from then on."""
        await self.sourcing(sourced(a_graph(placed_at=NOON), "lima"))

    async def take(self, *messages: OrderGraph | SourcingRow) -> None:
        """Messages, one chunk for each."""
        for message in messages:
            await (self.order(message) if isinstance(message, OrderGraph) else self.sourcing(message))

    async def shipments(self, order: OrderGraph) -> list[ShipmentRow]:
        """The shipments of an order by their location, the cancelled ones last; checked against their events."""
        async with self.database.reading() as connection:
            found = await connection.fetch_all("SELECT shipment_id FROM shipment WHERE order_id = %s", [str(order.id)])
            ids = [UUID(row["shipment_id"]) for row in found]
            rows = await repository.find_rows_of(connection, ids)
            states = await repository.read_states(connection, ids) if ids else {}
        for row in rows:
            assert without_personal(row) == row_of(states[row.shipment_id], NOTHING_PERSONAL, row.updated_at)
        return sorted(rows, key=lambda row: (row.status == "cancelled", row.location, row.shipment_id))

    async def events(self, row: ShipmentRow) -> list[str]:
        """The types of a shipment's events."""
        return [each["type"] for each in await self.event_rows(row)]

    async def event_rows(self, row: ShipmentRow) -> list[dict[str, Any]]:
        """The events of a shipment."""
        sql = "SELECT * FROM shipping_event WHERE stream_id = %s ORDER BY sequence"
        async with self.database.reading() as connection:
            return await connection.fetch_all(sql, [repository.stream_of(row.shipment_id)])


def without_personal(row: ShipmentRow) -> ShipmentRow:
    """A row without what is in no event."""
    parcels = [{**each, "tracking_number": None} for each in msgspec.json.decode(row.parcels)]
    text = msgspec.json.format(msgspec.json.encode(parcels), indent=0).decode()
    return msgspec.structs.replace(row, parcels=text, received_by=None)


def batch(topic: Any, messages: Sequence[Any]) -> Batch:
    """A chunk of a topic."""
    return a_batch(topic, messages)


def lines_of(row: ShipmentRow) -> dict[str, int]:
    """The units of each SKU in a shipment."""
    return {line.sku: line.quantity for line in read_shipped_lines(row.lines)}


def a_graph(*lines: tuple[str, int] | tuple[str, int, UUID], **changes: Any) -> OrderGraph:
    """A confirmed order with these lines: SKU, quantity and, if it is not home, the address."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "version": 2,
        "deleted": False,
        "status": "confirmed",
        "currency": "USD",
        "subtotal": Decimal(54),
        "freight": Decimal(0),
        "placed_at": NOON + timedelta(minutes=30),
        "confirmed_at": NOON + timedelta(minutes=31),
        "cancelled_at": None,
        "customer_id": uuid4(),
        "customer": None,
        "lines": [_line(number, *each) for number, each in enumerate(lines or [("A", 3)], 1)],
    }
    return OrderGraph(**values | changes)


def _line(number: int, sku: str, quantity: int, address_id: UUID = HOME) -> GraphLine:
    return GraphLine(
        id=uuid4(),
        line_number=number,
        sku=sku,
        product_name=sku,
        quantity=quantity,
        unit_price=Decimal(18),
        discount=Decimal(0),
        amount=Decimal(54),
        delivery_address_id=address_id,
        delivery_address=GraphAddress(
            street="Obere Str.", number="57", city="Berlin", region=None, postal_code="12209", country="DE"
        ),
    )


def changed(order: OrderGraph, **changes: Any) -> OrderGraph:
    """The next version of an order."""
    return msgspec.structs.replace(order, **{"version": order.version + 1, **changes})


def sourced(order: OrderGraph, *stores: str | dict[str, int], **changes: Any) -> SourcingRow:
    """The committed sourcing of an order: for each line the store that gives its units, or several with their units."""
    found = []
    for line, store in zip(order.lines, stores, strict=True):
        parts = store if isinstance(store, dict) else {store: line.quantity}
        found.append(
            SourcedLine(
                sku=line.sku,
                parts=[
                    SourcedPart(state="committed", quantity=units, store_id=each, reservation_id=uuid4())
                    for each, units in parts.items()
                ],
                quantity=line.quantity,
                backordered=0,
                order_line_id=line.id,
            )
        )
    values: dict[str, Any] = {
        "order_id": order.id,
        "lines_version": 1,
        "placed_at": order.placed_at,
        "status": "committed",
        "lines": write_lines(found),
        "decided_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return SourcingRow(**values | changes)


@asynccontextmanager
async def empty_shipping() -> AsyncIterator[Shipping]:
    """Shipping with an empty database, which began at noon."""
    opened = settings.database()
    await migrate_mysql(opened, idempotency.MIGRATIONS, settings.MIGRATIONS)
    async with opened.reading() as connection:
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table}")
        await replica.begin_shipping(connection, NOON)
    yield Shipping(opened)
    await opened.close()

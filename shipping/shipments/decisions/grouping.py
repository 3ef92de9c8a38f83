"""Groups the units of a confirmed order into shipments: one for each delivery address and location of stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID, uuid5

import msgspec

from contracts.inventory.reservations import ReservationState
from contracts.inventory.sourcing import SourcedLine, SourcingStatus, read_lines
from contracts.orders import OrderGraph
from contracts.shipping import ShippedLine
from shipping.shipments.values import Place


@dataclass(frozen=True)
class OrderedLine:
    """A line of an order: `quantity` units for the address `address_id`."""

    order_line_id: UUID
    line_number: int
    sku: str
    quantity: int
    address_id: UUID


@dataclass(frozen=True)
class Order:
    """What shipping needs of an order; `places` has its delivery addresses by id."""

    order_id: UUID
    customer_id: UUID
    lines: Sequence[OrderedLine]
    places: Mapping[UUID, Place]

    @property
    def units(self) -> dict[UUID, int]:
        """The units of each line."""
        return {line.order_line_id: line.quantity for line in self.lines}


class Sourcing(Protocol):
    """What shipping needs of the row of a sourcing."""

    @property
    def is_deleted(self) -> bool:
        """Whether the row was deleted."""
        ...

    @property
    def status(self) -> str:
        """The state of the order's stock."""
        ...

    @property
    def lines(self) -> str:
        """JSON text: see `contracts.inventory.read_lines`."""
        ...


class Group(NamedTuple):
    """What is sent together: its address and the location that has its units, a store's id or the default."""

    address_id: UUID
    location: str


Groups = Mapping[Group, Mapping[UUID, int]]
"""The units of each line, by its id, in each group."""


def order_of(graph: OrderGraph) -> Order:
    """The order of a message of `orders-graph`."""
    places: dict[UUID, Place] = {}
    for line in graph.lines:
        if address := line.delivery_address:
            places[line.delivery_address_id] = Place(city=address.city, region=address.region, country=address.country)
    lines = [
        OrderedLine(line.id, line.line_number, line.sku, line.quantity, line.delivery_address_id)
        for line in graph.lines
    ]
    return Order(graph.id, graph.customer_id, lines, places)


def is_sourced(order: Order, sourcing: Sourcing) -> bool:
    """Whether the stores have committed, or sent, the units of exactly these lines."""
    return _is(order, sourcing, SourcingStatus.COMMITTED, SourcingStatus.SHIPPED)


def is_short(order: Order, sourcing: Sourcing) -> bool:
    """Whether a store turned out not to have units of exactly these lines that it had committed."""
    return _is(order, sourcing, SourcingStatus.SHORT)


_GIVEN = (ReservationState.COMMITTED, ReservationState.SHIPPED)


def committed_lines(sourcing: Sourcing) -> list[SourcedLine]:
    """The lines with the units that stores have committed or sent, without those that they were only asked for."""
    return [
        msgspec.structs.replace(line, parts=[part for part in line.parts if part.state in _GIVEN])
        for line in read_lines(sourcing.lines)
    ]


def _is(order: Order, sourcing: Sourcing, *statuses: SourcingStatus) -> bool:
    """Whether a sourcing of exactly these lines has one of these statuses."""
    if sourcing.is_deleted or sourcing.status not in statuses:
        return False
    return {line.order_line_id: line.quantity for line in read_lines(sourcing.lines)} == order.units


def group(order: Order, sourced: Iterable[SourcedLine], default_location: str) -> Groups:
    """The groups of an order. Units without a store, such as those of untracked SKUs, are at the default location."""
    parts = {line.order_line_id: line.parts for line in sourced}
    groups: dict[Group, dict[UUID, int]] = {}

    def put(line: OrderedLine, location: str, units: int) -> None:
        of_group = groups.setdefault(Group(line.address_id, location), {})
        of_group[line.order_line_id] = of_group.get(line.order_line_id, 0) + units

    for line in order.lines:
        left = line.quantity
        for part in parts.get(line.order_line_id, ()):
            put(line, part.store_id, part.quantity)
            left -= part.quantity
        if left > 0:
            put(line, default_location, left)
    return groups


def shipped_lines(order: Order, units: Mapping[UUID, int]) -> tuple[ShippedLine, ...]:
    """These units as lines of a shipment, in the order of the order's lines."""
    return tuple(
        ShippedLine(
            order_line_id=line.order_line_id,
            line_number=line.line_number,
            sku=line.sku,
            quantity=units[line.order_line_id],
        )
        for line in order.lines
        if units.get(line.order_line_id, 0) > 0
    )


def shipment_id_of(order_id: UUID, of: Group, number: int = 1) -> UUID:
    """The id of a group's shipment: the same whenever it is planned; `number` counts those that replace it."""
    suffix = "" if number == 1 else f"/{number}"
    return uuid5(order_id, f"{of.address_id}/{of.location}{suffix}")

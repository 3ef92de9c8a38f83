"""The sourcing of an order: which store gives which units of its lines, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry
from asyncpg import Record
from strawberry import Info

from contracts.inventory import reservations, sourcing
from gateway.fields.enums import OpenEnum, stored_value
from gateway.fields.fields import column, from_row, resolved
from gateway.fields.relations import Many, One
from gateway.shop.context import Context
from gateway.shop.orders.lines import OrderLine
from gateway.shop.stock.statements import STORES
from gateway.shop.stock.stores import Store


@strawberry.enum(
    description="The state of an order's units as a whole. UNKNOWN stands for one that this schema has no name for."
)
class SourcingStatus(OpenEnum):
    """The state of an order's units. Unknown values are read as UNKNOWN, never refused."""

    RESERVED = stored_value(sourcing.SourcingStatus.RESERVED, "Reserved; not all units are committed by stores yet.")
    COMMITTED = stored_value(sourcing.SourcingStatus.COMMITTED, "All units are committed by stores.")
    BACKORDERED = stored_value(
        sourcing.SourcingStatus.BACKORDERED, "Some units are back-ordered; `lines` say how many."
    )
    REFUSED = stored_value(sourcing.SourcingStatus.REFUSED, "There are not enough units; `reason` says of what.")
    RELEASED = stored_value(sourcing.SourcingStatus.RELEASED, "Released: the order was cancelled, rejected or deleted.")
    SHIPPED = stored_value(sourcing.SourcingStatus.SHIPPED, "Shipped.")
    SHORT = stored_value(sourcing.SourcingStatus.SHORT, "A store found that committed units are missing.")
    UNKNOWN = stored_value("unknown", "A state that this schema has no name for.")


@strawberry.enum(
    description="The state of units that one store gives. UNKNOWN stands for one that this schema has no name for."
)
class SourcedState(OpenEnum):
    """The state of units that one store gives. Unknown values are read as UNKNOWN, never refused."""

    HELD = stored_value(reservations.ReservationState.HELD, "Held for a cart.")
    ASKED = stored_value(reservations.ReservationState.ASKED, "Reserved, and not answered by the store yet.")
    COMMITTED = stored_value(reservations.ReservationState.COMMITTED, "Committed by the store.")
    REFUSED = stored_value(reservations.ReservationState.REFUSED, "Refused by the store.")
    RELEASED = stored_value(reservations.ReservationState.RELEASED, "Released.")
    EXPIRED = stored_value(reservations.ReservationState.EXPIRED, "Expired.")
    SHIPPED = stored_value(reservations.ReservationState.SHIPPED, "Shipped by the store.")
    SHORT = stored_value(reservations.ReservationState.SHORT, "Committed, and then found to be missing.")
    UNKNOWN = stored_value("unknown", "A state that this schema has no name for.")


@strawberry.type(description="Units of an order line that one store gives.")
class SourcedPart:
    """Units of an order line that one store gives."""

    store_id: strawberry.ID = column("Identifies the store in REST, such as `seattle`.")
    quantity: int = column("The number of units.")
    state: SourcedState = column("How far they are.", read=SourcedState)

    @resolved(
        "The store; null when it is not in the read model yet.",
        One(f"{STORES} AS {{it}}", "{it}.store_id = ({parent}.value->>'store_id') AND NOT {it}.deleted"),
    )
    async def store(self, info: Info[Context, None]) -> Store | None:
        """The store."""
        return info.context.object(Store, await info.context.loaders.stores.load(self.store_id))


def _parts(parts: list[sourcing.SourcedPart]) -> list[SourcedPart]:
    return [from_row(SourcedPart, {name: getattr(part, name) for name in part.__struct_fields__}) for part in parts]


@strawberry.type(description="Where the units of an order line come from.")
class SourcedLine:
    """Where the units of an order line come from."""

    order_line_id: strawberry.ID = column("The id of the order line.", read=str, sql="{}")
    sku: str = column("The SKU.")
    quantity: int = column("The units that were ordered.")
    backordered: int = column("The units that no store gives yet.")
    parts: list[SourcedPart] = column("The stores and their units.", read=_parts, is_list=True)
    line: OrderLine | None = column(
        "The order line; null while the read model has the order with other lines.",
        relation=One(
            "unnest({great_grandparent}.lines) AS {it}",
            "{it}.order_line_id = ({parent}.value->>'order_line_id')::uuid AND NOT {it}.deleted",
            carried={"currency": "{great_grandparent}.currency"},
            levels_up=2,
        ),
    )


@strawberry.type(description="Where the units of an order come from, and how far that is.")
class Sourcing:
    """Where the units of an order come from."""

    status: SourcingStatus = column("The state of all units.", read=SourcingStatus)
    reason: str | None = column("Why units were refused, or are short.")
    decided_at: datetime = column("When it was decided where the units come from.")
    updated_at: datetime = column("When it last changed.")
    version: int = column("Incremented by each change, from 1.")
    lines: list[SourcedLine] = column(
        "The lines, each with its stores.",
        relation=Many(
            "jsonb_array_elements({parent}.lines) WITH ORDINALITY AS {it} (value, number)",
            "true",
            order_by="{it}.number",
            is_json=True,
        ),
    )


OF_ORDER = One("sourcing AS {it}", "{it}.order_id = {parent}.order_id AND NOT {it}.deleted")


def sourcing_of(row: Record, lines: Sequence[OrderLine]) -> Sourcing:
    """The sourcing of an order with these lines."""
    by_id = {line.id: line for line in lines}
    sourced = [
        {
            **{name: getattr(line, name) for name in line.__struct_fields__},
            "line": by_id.get(strawberry.ID(str(line.order_line_id))),
        }
        for line in sourcing.read_lines(row["lines"])
    ]
    return from_row(Sourcing, {**row, "lines": [from_row(SourcedLine, line) for line in sourced]})

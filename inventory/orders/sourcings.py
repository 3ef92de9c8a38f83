"""The row of an order's sourcing: its next version, and its lines as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from contracts.inventory.reservations import ReservationRow, ReservationState
from contracts.inventory.sourcing import SourcedLine, SourcedPart, SourcingRow, write_lines
from inventory.decisions.rules import Line
from inventory.orders.facts import Order, Terms
from inventory.reservations import OPEN, own_units


def lines_json(
    lines: Sequence[Line],
    kept: Mapping[UUID, Sequence[ReservationRow]],
    backordered: Mapping[object, int] = MappingProxyType({}),
) -> str:
    """The column `lines`: each line with the stores that give its units, and those that are back-ordered."""
    sourced = [
        SourcedLine(
            order_line_id=cast(UUID, line.line_id),
            sku=line.sku,
            quantity=line.quantity,
            backordered=backordered.get(line.line_id, 0),
            parts=[
                SourcedPart(
                    state=_state_of(row),
                    quantity=own_units(row),
                    store_id=row.store_id,
                    reservation_id=row.reservation_id,
                )
                for row in sorted(kept.get(cast(UUID, line.line_id), ()), key=lambda row: row.reservation_id.int)
            ],
        )
        for line in lines
    ]
    return write_lines(sourced)


def _state_of(row: ReservationRow) -> str:
    """The state of the units that the order has of it: those of a reservation that has ended have left before."""
    return row.state if row.state in OPEN else ReservationState.SHIPPED.value


def next_sourcing(
    sourcing: SourcingRow, moment: datetime, *, status: str, reason: str | None, lines: str
) -> SourcingRow | None:
    """The sourcing with its next version, or None if it is so already."""
    if (sourcing.status, sourcing.reason, sourcing.lines) == (status, reason, lines):
        return None
    return replace(sourcing, status=status, reason=reason, lines=lines, updated_at=moment, version=sourcing.version + 1)


def decided_sourcing(
    order: Order, terms: Terms, *, decided_at: datetime, status: str, reason: str | None, lines: str
) -> SourcingRow | None:
    """The sourcing of the order's current lines, or None if it is so already."""
    moment = terms.moment
    known = order.current_sourcing
    if known is not None and known.decided_at == decided_at:
        return next_sourcing(known, moment, status=status, reason=reason, lines=lines)
    return SourcingRow(
        order_id=order.order_id,
        lines_version=order.lines_version,
        placed_at=order.placed_at,
        status=status,
        reason=reason,
        lines=lines,
        on_request=order.placed_at < terms.since,
        decided_at=decided_at,
        updated_at=moment,
        version=order.sourcing.version + 1 if order.sourcing else 1,
    )

"""Which of the units that an order has are for which of its lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import UUID

from contracts.inventory.reservations import ReservationRow
from inventory.decisions.rules import Line
from inventory.reservations import own_units


@dataclass
class Match:
    """The reservations of each line, those that no line wants, and the units that each line still wants."""

    kept: dict[UUID, list[ReservationRow]] = field(default_factory=dict)
    surplus: list[ReservationRow] = field(default_factory=list)
    missing: list[Line] = field(default_factory=list)


def match(lines: Sequence[Line], reservations: Sequence[ReservationRow]) -> Match:
    """Match reservations and lines: first those of the line itself, then those of the same SKU.

    A reservation is kept as a whole, so one with more units than a line wants is not for that line. The lines of an
    order get new ids whenever they change, so that most reservations are kept by their SKU then.
    """
    found = Match({cast(UUID, line.line_id): [] for line in lines})
    wanted = {line.line_id: line.quantity for line in lines}
    of_sku: dict[str, list[Line]] = {}
    for line in lines:
        of_sku.setdefault(line.sku, []).append(line)
    others = []
    for row in reservations:
        if not _keep(row, row.order_detail_id, wanted, found.kept):
            others.append(row)
    for row in sorted(others, key=lambda each: (-own_units(each), str(each.reservation_id))):
        same = [line.line_id for line in of_sku.get(row.sku, ())]
        exact = [line_id for line_id in same if wanted[line_id] == own_units(row)]
        if not any(_keep(row, cast(UUID, line_id), wanted, found.kept) for line_id in [*exact, *same]):
            found.surplus.append(row)
    found.missing = [replace(line, quantity=units) for line in lines if (units := wanted[line.line_id])]
    return found


def _keep(
    row: ReservationRow, line_id: UUID | None, wanted: dict[object, int], kept: Mapping[UUID, list[ReservationRow]]
) -> bool:
    if line_id is None or wanted.get(line_id, 0) < own_units(row):
        return False
    wanted[line_id] -= own_units(row)
    kept[line_id].append(row)
    return True

"""Which statuses a command by hand can give an order now: `orders` refuses the others, and no view offers them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from contracts.orders import NEXT_STATUSES, OrderStatus
from contracts.shipping import LEFT, ShipmentStatus

SETTLED: Mapping[OrderStatus, frozenset[ShipmentStatus]] = {
    OrderStatus.SHIPPED: LEFT | {ShipmentStatus.CANCELLED},
    OrderStatus.DELIVERED: frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED}),
}
"""The statuses that follow from shipments, and by hand only if all shipments of the order have one of these."""

NEEDS_UNITS = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED)
"""The status before and after a step that is not possible by hand while stores lack units of the order."""


def next_statuses(status: str, shipments: Collection[str], *, is_short: bool) -> list[OrderStatus]:
    """The statuses that a command by hand can lead to, of an order in this stored status.

    `shipments` are the statuses of its shipments; `is_short` says whether stores lack units that they had committed.
    """
    if status not in NEXT_STATUSES:
        return []
    return [
        following
        for following in NEXT_STATUSES[OrderStatus(status)]
        if all(each in SETTLED[following] for each in (shipments if following in SETTLED else ()))
        and not (is_short and (status, following) == NEEDS_UNITS)
    ]

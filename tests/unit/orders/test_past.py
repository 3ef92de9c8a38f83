"""Which status the times of an imported order make, and which times, statuses and reasons do not fit together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.orders import OrderStatus
from orders.statuses.life_cycle import Command, commands_to
from orders.statuses.past import REASONS, TIMES, NotPossible, check_status, check_times, status_of

PLACED = datetime(2020, 1, 1)
NOW = datetime(2026, 1, 1)


def an_order(**days: Any) -> dict[str, Any]:
    """The columns of an order's past; times are days after it was placed."""
    empty = dict.fromkeys([*TIMES.values(), *REASONS.values()])
    given = {name: PLACED + timedelta(days=day) if isinstance(day, int) else day for name, day in days.items()}
    return {"placed_at": PLACED, **empty, **given}


@pytest.mark.parametrize(
    ("order", "status"),
    [
        (an_order(), OrderStatus.PLACED),
        (an_order(confirmed_at=1), OrderStatus.CONFIRMED),
        (an_order(shipped_at=1), OrderStatus.SHIPPED),
        (an_order(confirmed_at=1, shipped_at=1), OrderStatus.SHIPPED),
        (an_order(confirmed_at=1, shipped_at=2, delivered_at=3), OrderStatus.DELIVERED),
        (an_order(cancelled_at=0, cancellation_reason="too late"), OrderStatus.CANCELLED),
        (an_order(confirmed_at=1, cancelled_at=2), OrderStatus.CANCELLED),
        (an_order(rejected_at=1, rejection_reason="no"), OrderStatus.REJECTED),
    ],
)
def test_times_make_a_status(order: dict[str, Any], status: OrderStatus) -> None:
    assert status_of(order) is status
    check_status(status, order)
    check_times(order, NOW)


@pytest.mark.parametrize(
    ("status", "order", "pointers"),
    [
        ("cancelled", an_order(), ["#/cancelledAt"]),
        ("confirmed", an_order(), ["#/confirmedAt"]),
        ("placed", an_order(shipped_at=1), ["#/shippedAt"]),
        ("shipped", an_order(shipped_at=1, cancelled_at=2), ["#/cancelledAt"]),
        ("delivered", an_order(delivered_at=2), ["#/shippedAt"]),
        ("rejected", an_order(confirmed_at=1, rejected_at=2), ["#/confirmedAt"]),
        ("cancelled", an_order(shipped_at=1, cancelled_at=2), ["#/shippedAt"]),
        ("placed", an_order(cancellation_reason="why"), ["#/cancellationReason"]),
        ("cancelled", an_order(cancelled_at=1, rejection_reason="why"), ["#/rejectionReason"]),
    ],
)
def test_a_status_with_other_times_is_refused(status: str, order: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(NotPossible) as refusal:
        check_status(OrderStatus(status), order)

    assert [each.pointer for each in refusal.value.violations] == pointers


@pytest.mark.parametrize(
    ("order", "pointers"),
    [
        (an_order(shipped_at=-1), ["#/shippedAt"]),
        (an_order(confirmed_at=3, shipped_at=2, delivered_at=4), ["#/shippedAt"]),
        (an_order(placed_at=datetime(9999, 1, 1)), ["#/placedAt"]),
        (an_order(shipped_at=365 * 50), ["#/shippedAt"]),
    ],
)
def test_times_out_of_turn_or_in_the_future_are_refused(order: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(NotPossible) as refusal:
        check_times(order, NOW)

    assert [each.pointer for each in refusal.value.violations] == pointers


def test_every_way_is_one_of_the_machine() -> None:
    assert {status: len(commands_to(status)) for status in OrderStatus} == {
        OrderStatus.PLACED: 1,
        OrderStatus.BACKORDERED: 1,
        OrderStatus.CONFIRMED: 2,
        OrderStatus.PARTIALLY_SHIPPED: 2,
        OrderStatus.SHIPPED: 4,
        OrderStatus.DELIVERED: 4,
        OrderStatus.CANCELLED: 4,
        OrderStatus.REJECTED: 2,
    }
    commands = {command for status in OrderStatus for way in commands_to(status) for command in way}
    assert set(TIMES) == commands - {Command.BACKORDER, Command.SHIP_PART}
    assert Command.CHANGE_LINES not in TIMES

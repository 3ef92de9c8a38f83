"""The life cycle: what it allows, and that the README shows it as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.next_statuses import next_statuses
from contracts.orders import NEXT_STATUSES, OrderStatus
from orders.statuses.life_cycle import TRANSITIONS, Command, NotAllowed, after, diagram

ROOT = Path(__file__).parents[3]


def test_the_readme_has_the_diagram_of_the_machine() -> None:
    assert f"```mermaid\n{diagram()}\n```" in (ROOT / "orders" / "README.md").read_text()


def test_every_status_says_what_is_possible() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)


@pytest.mark.parametrize("status", OrderStatus)
def test_all_services_know_what_follows_a_status(status: OrderStatus) -> None:
    by_hand = {command: to for command, to in TRANSITIONS[status].items() if command is not Command.SHIP_PART}
    assert list(NEXT_STATUSES[status]) == [to for to in by_hand.values() if to != status]


def test_an_order_goes_all_the_way() -> None:
    status = OrderStatus.PLACED
    for command in (Command.CHANGE_LINES, Command.CONFIRM, Command.SHIP, Command.DELIVER):
        status = after(status, command)

    assert status is OrderStatus.DELIVERED


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("command", Command)
def test_what_is_not_in_the_machine_is_refused(status: OrderStatus, command: Command) -> None:
    if command in TRANSITIONS[status]:
        assert after(status, command) is TRANSITIONS[status][command]
        return

    with pytest.raises(NotAllowed) as refusal:
        after(status, command)

    assert all(
        (possible in refusal.value.violations[0].detail) is (possible is not Command.SHIP_PART)
        for possible in TRANSITIONS[status]
    )


@pytest.mark.parametrize("status", [OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.REJECTED, "unknown"])
def test_an_order_at_its_end_stays_there(status: str) -> None:
    assert next_statuses(status, (), is_short=False) == []


@pytest.mark.parametrize(
    ("status", "shipments", "is_short", "following"),
    [
        ("placed", (), False, ["confirmed", "backordered", "rejected", "cancelled"]),
        ("backordered", (), False, ["confirmed", "rejected", "cancelled", "placed"]),
        ("confirmed", (), False, ["shipped", "cancelled"]),
        ("confirmed", (), True, ["cancelled"]),
        ("confirmed", ("planned",), False, ["cancelled"]),
        ("confirmed", ("packed", "cancelled"), False, ["cancelled"]),
        ("confirmed", ("cancelled",), False, ["shipped", "cancelled"]),
        ("partially_shipped", ("dispatched",), True, ["shipped"]),
        ("partially_shipped", ("dispatched", "planned"), False, []),
        ("shipped", (), False, ["delivered"]),
        ("shipped", ("delivered", "failed"), False, []),
        ("shipped", ("delivered", "returned"), True, ["delivered"]),
        ("shipped", ("of-a-later-release",), False, []),
    ],
)
def test_only_what_works_by_hand_is_offered(
    status: str, shipments: tuple[str, ...], is_short: bool, following: list[str]
) -> None:
    assert next_statuses(status, shipments, is_short=is_short) == following


@pytest.mark.parametrize("status", [OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED])
def test_an_order_on_its_way_cannot_be_cancelled(status: OrderStatus) -> None:
    with pytest.raises(NotAllowed):
        after(status, Command.CANCEL)

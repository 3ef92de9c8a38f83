"""The life cycle: what it allows, and that the README shows it as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.orders import NEXT_STATUSES, OrderStatus
from orders.statuses.life_cycle import TRANSITIONS, Command, NotAllowed, after, allowed_transitions, diagram

ROOT = Path(__file__).parents[3]


def test_the_readme_has_the_diagram_of_the_machine() -> None:
    assert f"```mermaid\n{diagram()}\n```" in (ROOT / "orders" / "README.md").read_text()


def test_every_status_says_what_is_possible() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)


@pytest.mark.parametrize("status", OrderStatus)
def test_all_services_know_what_follows_a_status(status: OrderStatus) -> None:
    assert list(NEXT_STATUSES[status]) == allowed_transitions(status)


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

    assert all(possible in refusal.value.violations[0].detail for possible in TRANSITIONS[status])


@pytest.mark.parametrize("status", [OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.REJECTED])
def test_an_order_at_its_end_stays_there(status: OrderStatus) -> None:
    assert allowed_transitions(status) == []


def test_the_next_statuses_of_an_order_are_named() -> None:
    assert allowed_transitions(OrderStatus.PLACED) == ["confirmed", "backordered", "rejected", "cancelled"]
    assert allowed_transitions(OrderStatus.BACKORDERED) == ["confirmed", "rejected", "cancelled", "placed"]
    assert allowed_transitions(OrderStatus.CONFIRMED) == ["partially_shipped", "shipped", "cancelled"]
    assert allowed_transitions(OrderStatus.PARTIALLY_SHIPPED) == ["shipped"]


@pytest.mark.parametrize("status", [OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED])
def test_an_order_on_its_way_cannot_be_cancelled(status: OrderStatus) -> None:
    with pytest.raises(NotAllowed):
        after(status, Command.CANCEL)

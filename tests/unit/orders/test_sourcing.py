"""What the sourcing of an order means for its status."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contracts.inventory.sourcing import SourcedLine, SourcedPart, SourcingStatus, write_lines
from contracts.orders import OrderStatus
from orders.sourcing.rules import BY_INVENTORY, MOST_SHORT_OF, Decision, Outcome, decide, is_without_stock, short_of
from orders.statuses.life_cycle import TRANSITIONS, Command, NotAllowed, after
from tests.support.stock.sourcing_rows import a_sourcing

DONE = {
    SourcingStatus.COMMITTED: OrderStatus.CONFIRMED,
    SourcingStatus.SHORT: OrderStatus.CONFIRMED,
    SourcingStatus.REFUSED: OrderStatus.REJECTED,
    SourcingStatus.BACKORDERED: OrderStatus.BACKORDERED,
}
OPEN = (OrderStatus.PLACED, OrderStatus.BACKORDERED)


def an_order(status: str = OrderStatus.PLACED, lines_version: int = 1) -> dict[str, Any]:
    return {"status": status, "lines_version": lines_version}


@pytest.mark.parametrize("sourced", SourcingStatus)
def test_a_placed_order_moves_as_the_stores_answered(sourced: SourcingStatus) -> None:
    decision = decide(a_sourcing(sourced), an_order())

    following = after(OrderStatus.PLACED, decision.command) if decision and decision.command else None
    assert following == DONE.get(sourced)
    assert (str(decision.outcome) if decision else None) == following


@pytest.mark.parametrize("status", [status for status in OrderStatus if status not in OPEN])
@pytest.mark.parametrize("sourced", DONE)
def test_an_order_that_has_moved_already_stays(sourced: SourcingStatus, status: OrderStatus) -> None:
    assert decide(a_sourcing(sourced), an_order(status)) == Decision(Outcome.NOT_ALLOWED)


@pytest.mark.parametrize("sourced", DONE)
def test_an_order_that_waits_for_units_moves_as_a_placed_one_does(sourced: SourcingStatus) -> None:
    decision = decide(a_sourcing(sourced), an_order(OrderStatus.BACKORDERED))

    waits = sourced is SourcingStatus.BACKORDERED
    assert decision == (Decision(Outcome.NOT_ALLOWED) if waits else decide(a_sourcing(sourced), an_order()))


@pytest.mark.parametrize("sourced", DONE)
@pytest.mark.parametrize("lines_version", [1, 3])
def test_a_sourcing_of_other_lines_moves_nothing(sourced: SourcingStatus, lines_version: int) -> None:
    row = a_sourcing(sourced, lines_version=lines_version)

    assert decide(row, an_order(lines_version=2)) == Decision(Outcome.OTHER_LINES)


@pytest.mark.parametrize("sourced", DONE)
def test_a_deleted_order_is_passed_over(sourced: SourcingStatus) -> None:
    assert decide(a_sourcing(sourced), None) == Decision(Outcome.NO_ORDER)


@pytest.mark.parametrize("sourced", DONE)
def test_a_deleted_sourcing_moves_nothing(sourced: SourcingStatus) -> None:
    assert decide(a_sourcing(sourced, is_deleted=True), an_order()) is None


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("sourced", SourcingStatus)
def test_an_order_that_was_confirmed_by_hand_and_is_refused_has_no_stock(
    sourced: SourcingStatus, status: OrderStatus
) -> None:
    is_promised = status not in (*OPEN, OrderStatus.CANCELLED, OrderStatus.REJECTED)

    assert is_without_stock(a_sourcing(sourced), an_order(status)) == (
        is_promised and sourced is SourcingStatus.REFUSED
    )


def test_a_status_from_a_later_release_moves_nothing() -> None:
    assert decide(a_sourcing("quarantined"), an_order()) is None
    with pytest.raises(NotAllowed):
        after("quarantined", Command.CONFIRM)


def test_inventory_alone_leads_out_of_placed_except_for_a_cancellation() -> None:
    leaving = {command for command, status in TRANSITIONS[OrderStatus.PLACED].items() if status != OrderStatus.PLACED}

    assert leaving - BY_INVENTORY == {Command.CANCEL}


@pytest.mark.parametrize("sourced", SourcingStatus)
def test_units_are_missing_while_a_sourcing_is_short(sourced: SourcingStatus) -> None:
    reason = "short: CHAI wants 5 more"

    assert short_of(a_sourcing(sourced, reason=reason)) == (reason if sourced is SourcingStatus.SHORT else None)
    assert short_of(a_sourcing(sourced, reason=reason, is_deleted=True)) is None


@pytest.mark.parametrize("lines", [1, 60])
def test_units_that_another_store_was_asked_for_are_missing(lines: int) -> None:
    parts = [
        SourcedPart(state=state, quantity=units, store_id=store_id, reservation_id=UUID(int=1))
        for state, units, store_id in (("committed", 6, "berlin"), ("asked", 4, "lima"))
    ]
    line = SourcedLine(sku="A", parts=parts, quantity=10, backordered=0, order_line_id=UUID(int=1))

    found = short_of(a_sourcing(SourcingStatus.SHORT, lines=write_lines([line] * lines)))

    assert found
    assert found.startswith("short: A waits for 4 of lima")
    assert "berlin" not in found
    assert len(found) <= MOST_SHORT_OF

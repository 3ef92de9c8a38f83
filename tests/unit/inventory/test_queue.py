"""The queue of orders that wait for units: who is behind whom, and how many units may be waited for."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from inventory.decisions.rules import Shortage
from inventory.orders.backordering import beyond_limit, may_wait
from inventory.orders.facts import Order, Terms
from inventory.orders.queue import Backorder, Queue, in_turn
from tests.support.shop.rows import NOON
from tests.support.stock.sourcing_rows import a_sourcing


def an_order(number: int, minutes: int = 0, **changes: object) -> Order:
    values: dict[str, object] = {
        "order_id": UUID(int=number),
        "status": "placed",
        "is_deleted": False,
        "lines_version": 1,
        "placed_at": NOON + timedelta(minutes=minutes),
        "is_whole": True,
        "lines": (),
    }
    return Order(**values | changes)  # type: ignore[arg-type]


def waits(order: Order, units: int, sku: str = "A", *, unpromised: bool = True) -> Backorder:
    return Backorder(sku, order.placed_at, order.order_id, UUID(int=units), units, NOON, unpromised)


def test_orders_are_behind_older_ones_and_of_equal_times_behind_smaller_ids() -> None:
    old, same_time, young = an_order(7, -1), an_order(8, -1), an_order(1)
    queue = Queue([waits(same_time, 1)])

    assert [queue.is_behind(each, "A") for each in (old, same_time, young)] == [False, False, True]
    assert not queue.is_behind(young, "B")


def test_an_order_beyond_what_was_read_is_behind() -> None:
    last = an_order(5)
    queue = Queue([waits(last, 1)], {"A": 9}, {"A": (True, last.placed_at, last.order_id)})
    queue.put(last, a_sourcing(order_id=last.order_id))

    assert queue.is_behind(an_order(6), "A")
    assert not queue.is_behind(an_order(4), "A")
    assert not queue.is_empty("A")
    assert (queue.units("A"), queue.changed, queue.rows_of(last.order_id)) == (8, {last.order_id}, [])


def test_the_units_of_an_edited_order_do_not_count_twice() -> None:
    edited, other = an_order(1), an_order(2)
    queue, terms = Queue([waits(edited, 2), waits(other, 1)]), Terms(NOON, NOON, {}, most_backordered={"A": 4})

    def refused(wanted: int) -> str | None:
        return beyond_limit(edited, [Shortage("A", wanted, 0)], {"A": wanted}, terms, queue)

    assert (refused(1), refused(3)) == (None, None)
    assert refused(4) == "back-order limit of A is 4: 1 are back-ordered, 4 more are wanted"


def test_an_order_waits_on_after_its_policy_has_changed() -> None:
    waiting, new = an_order(1), an_order(2)
    queue, terms, lacks = Queue([waits(waiting, 2)]), Terms(NOON, NOON, {}), [Shortage("A", 2, 0)]

    assert may_wait(waiting, lacks, terms, queue)
    assert not may_wait(new, lacks, terms, queue)


def test_orders_that_give_come_first_then_known_ones_by_turn_then_new_ones() -> None:
    new, young = an_order(1, -9), an_order(2, sourcing=a_sourcing())
    old, gone = an_order(3, -1, sourcing=a_sourcing()), an_order(4, 5, status="cancelled")

    assert in_turn([new, young, old, gone]) == [gone, old, young, new]


def test_all_others_are_behind_an_order_that_is_short() -> None:
    old, short, young = an_order(1, -9), an_order(2, sourcing=a_sourcing("short")), an_order(3, 1)
    queue = Queue([waits(short, 1, unpromised=False), waits(old, 1)])

    assert [queue.is_behind(each, "A") for each in (old, short, young)] == [True, False, True]
    older = an_order(4, -99, sourcing=a_sourcing("reserved"))
    assert in_turn([older, short]) == [short, older]


def test_an_order_that_was_short_and_is_edited_is_not_behind_itself() -> None:
    edited, other = an_order(2, lines_version=2, sourcing=a_sourcing("short")), an_order(1, -1)
    queue = Queue([waits(edited, 1, unpromised=False)])
    both = Queue([waits(edited, 1, unpromised=False), waits(other, 1)])

    assert [each.is_behind(edited, "A") for each in (queue, both)] == [False, True]


def test_units_of_orders_that_are_short_do_not_count_for_the_limit() -> None:
    new, short = an_order(2), an_order(1, sourcing=a_sourcing("short"))
    queue, terms = Queue([waits(short, 3, unpromised=False)]), Terms(NOON, NOON, {}, most_backordered={"A": 4})

    assert beyond_limit(new, [Shortage("A", 4, 0)], {"A": 4}, terms, queue) is None
    assert (queue.units("A"), queue.unpromised_units("A"), queue.units_of(short, "A")) == (3, 0, 0)

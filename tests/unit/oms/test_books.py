"""What a drill of stores finds wrong in its books: each way to lose or to double a unit is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from oms.drill.books import Books, differences
from oms.drill.tills import Fair, Sold

FAIR = Fair(["A"], ["lima", "berlin"], 10, "ada", "home")
LIMA, BERLIN = ("lima", "A"), ("berlin", "A")


def agreeing() -> tuple[Sold, Books]:
    """Two sales in Lima, and two orders, of 3 units from both stores and of more than there are."""
    sold = Sold(tills={LIMA: {"1", "2"}}, orders={"o1": ("A", 3), "o2": ("A", 90)})
    shelves = {LIMA: units(8, 1), BERLIN: units(10, 2)}
    levels = {key: {**shelf, "available": shelf["free"], "reserved": 0} for key, shelf in shelves.items()}
    sales = {LIMA: Counter(["1", "2"]), BERLIN: Counter[str]()}
    return sold, Books(dict(shelves), sales, levels, {"o1": "confirmed", "o2": "rejected"})


def units(on_hand: int, committed: int) -> dict[str, int]:
    return {"onHand": on_hand, "unsellable": 0, "committed": committed, "free": on_hand - committed}


def test_books_that_agree_are_not_wrong() -> None:
    assert differences(FAIR, *agreeing()) == []


WRONG: dict[str, Callable[[Sold, Books], object]] = {
    "berlin A: the store has": lambda _, books: books.levels[BERLIN].update(onHand=9),
    "lima A: 1 units are still reserved": lambda _, books: books.levels[LIMA].update(reserved=1),
    "berlin A: the store has 10": lambda _, books: books.levels.pop(BERLIN),
    "tills were told of 3 sales, the ledger has 2": lambda sold, _: sold.tills[LIMA].add("3"),
    "tills were told of 2 sales, the ledger has 3": lambda _, books: books.sales[LIMA].update(["2"]),
    "tills were told of 0 sales, the ledger has 1": lambda _, books: books.sales[BERLIN].update(["9"]),
    "10 on hand after 1 of 10 were sold": lambda _, books: books.sales[BERLIN].update(["9"]),
    "A: 0 units of confirmed orders, 3 committed": lambda _, books: books.statuses.update(o1="rejected"),
    "A: 93 units of confirmed orders, 3 committed": lambda _, books: books.statuses.update(o2="confirmed"),
    "an order is placed: o2": lambda _, books: books.statuses.update(o2="placed"),
    "1 orders are lost, such as o1": lambda _, books: books.statuses.pop("o1"),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_named(said: str) -> None:
    sold, books = agreeing()

    WRONG[said](sold, books)

    assert said in "\n".join(differences(FAIR, sold, books))

"""Which stores give which units, and that nothing is promised twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inventory.decisions.places import Place, Store
from inventory.decisions.rules import Free, Line, Part, Plan, Shortage, StockKey
from inventory.decisions.sourcing import source


def test_two_lines_of_one_sku_are_summed() -> None:
    lines = [Line(1, "A", 2), Line(2, "A", 2)]

    assert source(lines, {"A": {"seattle": 3}}, {}) == Plan(shortages=[Shortage("A", 4, 3)])
    assert source(lines, {"A": {"seattle": 4}}, {}) == Plan([Part(1, "seattle", "A", 2), Part(2, "seattle", "A", 2)])


def test_all_lines_or_none() -> None:
    plan = source([Line(1, "A", 1), Line(2, "B", 1)], {"A": {"seattle": 5}}, {})

    assert plan == Plan(shortages=[Shortage("B", 1, 0)])


def test_an_untracked_sku_is_never_short() -> None:
    lines = [Line(1, "A", 1), Line(2, "GIFT-CARD", 9)]

    assert source(lines, {"A": {"seattle": 1}}, {}, untracked={"GIFT-CARD"}) == Plan([Part(1, "seattle", "A", 1)])


def test_more_reserved_than_on_hand_counts_as_none() -> None:
    assert source([Line(1, "A", 2)], {"A": {"lima": -3, "lima-2": 2}}, {}).parts == [Part(1, "lima-2", "A", 2)]


def test_one_store_that_has_all_is_better_than_two() -> None:
    free = {"A": {"lima": 9, "seattle": 1}, "B": {"seattle": 1}}

    plan = source([Line(1, "A", 1), Line(2, "B", 1)], free, {})

    assert {part.store_id for part in plan.parts} == {"seattle"}


def test_a_store_of_the_country_comes_first_and_a_stale_one_last() -> None:
    free = {"A": {"berlin": 5, "lima": 9, "seattle": 2}}
    stores = {"berlin": Store("berlin", Place("DE")), "lima": Store("lima", Place("PE"), priority=9)}

    def first(is_stale: bool) -> str:
        berlin = Store("berlin", Place("DE"), is_stale=is_stale)
        return source([Line(1, "A", 2, Place("DE"))], free, stores | {"berlin": berlin}).parts[0].store_id

    assert (first(is_stale=False), first(is_stale=True)) == ("berlin", "lima")


def test_stores_that_refused_or_do_not_sell_online_are_not_asked() -> None:
    free = {"A": {"berlin": 5, "lima": 5, "seattle": 5}}
    stores = {"berlin": Store("berlin", sells_online=False)}

    plan = source([Line(1, "A", 6)], free, stores, excluded={StockKey("lima", "A")})

    assert plan == Plan(shortages=[Shortage("A", 6, 5)])


SKUS = st.sampled_from("AB")
FREE = st.dictionaries(SKUS, st.dictionaries(st.sampled_from("xyz"), st.integers(-2, 5)))
LINES = st.lists(st.tuples(SKUS, st.integers(1, 4), st.sampled_from(["DE", "US"])), max_size=5)


@given(LINES, FREE)
def test_all_units_of_all_lines_come_from_what_is_free(wanted: list[tuple[str, int, str]], free: Free) -> None:
    lines = [Line(number, sku, units, Place(country)) for number, (sku, units, country) in enumerate(wanted)]

    plan = source(lines, free, {"x": Store("x", Place("DE"))})

    for line in lines:
        given_units = sum(part.quantity for part in plan.parts if part.line_id == line.line_id)
        assert given_units == (line.quantity if plan.is_possible else 0)
    for sku, of_stores in free.items():
        for store_id, units in of_stores.items():
            assert sum(part.quantity for part in plan.parts if part.key == (store_id, sku)) <= max(0, units)
    short = {
        sku
        for sku in {line.sku for line in lines}
        if sum(line.quantity for line in lines if line.sku == sku) > sum(max(0, n) for n in free.get(sku, {}).values())
    }
    assert {shortage.sku for shortage in plan.shortages} == short

"""The sourcing policy: each rule by itself, their order, split modes, and that no plan gives more than there is."""

from __future__ import annotations

from itertools import combinations, permutations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.decisions.places import NOWHERE, Place, Store, distance_km
from inventory.decisions.rules import Free, Line, Plan, by_destination, wanted_units
from inventory.decisions.sourcing import source
from inventory.decisions.sourcing_policy import DEFAULT_RULES, RULES, Choice, SourcingPolicy, Split, StaleStores

SKUS = st.sampled_from("AB")
PLACES = st.builds(
    Place,
    st.sampled_from(["DE", "US"]),
    st.sampled_from([None, "BE", "WA"]),
    st.sampled_from([None, "Berlin", "Seattle"]),
    st.sampled_from([None, 52.5, 47.6]),
    st.sampled_from([None, 13.4, -122.3]),
)
STORES = st.fixed_dictionaries(
    {name: st.builds(Store, st.just(name), PLACES, st.integers(-1, 1), st.just(True), st.booleans()) for name in "wxyz"}
)
FREE = st.dictionaries(SKUS, st.dictionaries(st.sampled_from("wxyz"), st.integers(-2, 4)))
LINES = st.lists(st.builds(Line, st.uuids(), SKUS, st.integers(1, 4), PLACES, st.integers(1, 2)), max_size=4)
POLICIES = st.builds(
    SourcingPolicy,
    st.permutations(DEFAULT_RULES).flatmap(lambda names: st.integers(0, 6).map(lambda most: tuple(names[:most]))),
    st.sampled_from(Split),
    st.sampled_from(StaleStores),
)
STOCKS = st.dictionaries(st.sampled_from("wxyz"), st.integers(1, 4), min_size=1)


def stores_of(plan: Plan, lines: list[Line]) -> set[str]:
    ids = {line.line_id for line in lines}
    return {part.store_id for part in plan.parts if part.line_id in ids}


@settings(max_examples=300)
@given(LINES, FREE, STORES, POLICIES)
def test_all_units_or_none_and_never_more_than_are_free(
    lines: list[Line], free: Free, stores: dict[str, Store], policy: SourcingPolicy
) -> None:
    plan = source(lines, free, stores, policy)

    for line in lines:
        units = sum(part.quantity for part in plan.parts if part.line_id == line.line_id)
        assert units == (line.quantity if plan.is_possible else 0)
    for sku, of_stores in free.items():
        for store_id, units in of_stores.items():
            assert sum(part.quantity for part in plan.parts if part.key == (store_id, sku)) <= max(0, units)
    for shortage in plan.shortages:
        assert 0 <= shortage.available < shortage.wanted
    if policy.stale_stores is StaleStores.NEVER:
        assert not [part for part in plan.parts if stores[part.store_id].is_stale]


@settings(max_examples=300)
@given(LINES, FREE, STORES, POLICIES)
def test_lines_are_split_as_far_as_allowed_and_a_plan_is_found_if_there_is_one(
    lines: list[Line], free: Free, stores: dict[str, Store], policy: SourcingPolicy
) -> None:
    plan = source(lines, free, stores, policy)

    unsplit = [[line] for line in lines] if policy.split is Split.LINES else by_destination(lines)
    if policy.split is not Split.UNITS:
        assert all(len(stores_of(plan, some)) <= 1 for some in unsplit)
        asked = [name for name in stores if policy.may_ask(stores[name])]
        assert plan.is_possible == any(fits(unsplit, chosen, free) for chosen in product(asked, repeat=len(unsplit)))


def fits(bundles: list[list[Line]], stores: tuple[str, ...], free: Free) -> bool:
    """Whether these stores have the units of these bundles."""
    given_units: dict[tuple[str, str], int] = {}
    for bundle, store_id in zip(bundles, stores, strict=True):
        for sku, units in wanted_units(bundle).items():
            given_units[store_id, sku] = given_units.get((store_id, sku), 0) + units
    return all(units <= free.get(sku, {}).get(store_id, 0) for (store_id, sku), units in given_units.items())


@given(LINES, FREE, STORES, POLICIES, st.permutations("wxyz"))
def test_the_sequence_of_stores_changes_nothing(
    lines: list[Line], free: Free, stores: dict[str, Store], policy: SourcingPolicy, sequence: list[str]
) -> None:
    shuffled = {sku: {name: of[name] for name in sequence if name in of} for sku, of in free.items()}

    plan = source(lines, shuffled, {name: stores[name] for name in sequence}, policy)

    assert plan == source(lines, free, stores, policy)


@given(st.sampled_from(DEFAULT_RULES), STOCKS, STORES, PLACES, st.integers(1, 12))
def test_a_rule_alone_chooses_a_store_that_is_best_by_it(
    rule: str, units: dict[str, int], stores: dict[str, Store], destination: Place, quantity: int
) -> None:
    def value(store_id: str) -> Any:
        store = stores[store_id]
        return {
            "fresh": store.is_stale,
            "fewest-parcels": least_parcels(units, wanted, store_id),
            "country": store.place.country != destination.country,
            "nearest": distance_km(destination, store.place),
            "priority": -store.priority,
            "most-left": -units[store_id],
        }[rule]

    wanted = min(quantity, sum(units.values()))

    plan = source([Line(1, "A", wanted, destination)], {"A": units}, stores, SourcingPolicy((rule,)))

    best = min(units, key=lambda each: (value(each), each))
    assert plan.parts[0].store_id == best


def least_parcels(units: dict[str, int], wanted: int, first: str) -> int:
    """The least number of stores that give the units, of which `first` is one."""
    others = [each for each in units if each != first]
    return next(
        number + 1
        for number in range(len(units))
        for some in combinations(others, number)
        if units[first] + sum(units[each] for each in some) >= wanted
    )


def test_the_parcels_for_one_sku_are_exact() -> None:
    for stocks in product(range(1, 5), repeat=4):
        units = dict(zip("wxyz", stocks, strict=True))
        for wanted in range(1, sum(stocks) + 1):
            choice = Choice({"A": wanted}, {"A": units}, {}, NOWHERE)
            assert [choice.parcels(each)[0] for each in units] == [least_parcels(units, wanted, each) for each in units]


@given(STOCKS, STORES, st.integers(1, 9))
def test_units_of_one_sku_come_in_as_few_parcels_as_possible(
    units: dict[str, int], stores: dict[str, Store], wanted: int
) -> None:
    plan = source([Line(1, "A", wanted)], {"A": units}, stores, SourcingPolicy(("fewest-parcels", "nearest")))

    if plan.is_possible:
        assert len(plan.parts) == min(least_parcels(units, wanted, each) for each in units)


@given(STOCKS, STORES, PLACES, st.permutations(DEFAULT_RULES))
def test_the_first_rule_that_does_not_tie_decides(
    units: dict[str, int], stores: dict[str, Store], destination: Place, rules: list[str]
) -> None:
    choice, policy = Choice({"A": 3}, {"A": units}, stores, destination), SourcingPolicy(rules)

    best = policy.best(choice, units.keys())

    for other in units:
        values = [(RULES[rule](choice, best), RULES[rule](choice, other)) for rule in rules]
        first = next(((mine, its) for mine, its in values if mine != its), (best, other))
        assert first[0] <= first[1]
    static = SourcingPolicy([rule for rule in rules if rule != "fewest-parcels"])
    assert static.ranked(choice, units.keys())[0] == static.best(choice, units.keys())


def test_a_search_finds_stores_for_lines_that_the_best_stores_leave_none_for() -> None:
    quantities = (3, 3, 2, 2, 2)
    lines = [Line(number, "A", units) for number, units in enumerate(quantities)]

    for sequence in permutations(lines):
        plan = source(sequence, {"A": {"x": 4, "y": 8}}, {}, SourcingPolicy(split=Split.LINES))
        assert plan.is_possible


def test_a_large_search_ends() -> None:
    lines = [Line(number, "A", 3) for number in range(40)]
    free = {"A": {f"store-{number}": 5 for number in range(39)}}

    plan = source(lines, free, {}, SourcingPolicy(split=Split.LINES))

    [shortage] = plan.shortages
    assert (shortage.wanted, shortage.available, shortage.is_unsplit) == (120, 119, True)

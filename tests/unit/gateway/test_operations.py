"""Which operations the gateway takes: valid ones, that ask for no more than one request may."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_introspection_query

from gateway.operations.cost import PageSize
from gateway.operations.operations import Operation, Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

PAGE_OF_PAGES = """
query ($n: Int!) { orders(first: $n) { edges { node { customer { orders(first: $n) { edges { cursor } } } } } } }
"""


def found(query: str, name: str | None = None, **limits: Any) -> Operation:
    return Operations(schema._schema, Limits(**limits)).find(query, name)


def errors_of(query: str, name: str | None = None, **limits: Any) -> list[tuple[str, str]]:
    return [(error.message, (error.extensions or {})["code"]) for error in found(query, name, **limits).errors]


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(input_value_deprecation=True),
        get_introspection_query(descriptions=True, specified_by_url=True, directive_is_repeatable=True),
    ],
)
def test_tools_can_ask_for_the_schema(query: str) -> None:
    operation = found(query)

    assert operation.errors == ()
    assert 0 < operation.cost({}) < Limits().cost


def test_where_introspection_is_off_the_schema_is_not_told() -> None:
    told = errors_of("{ __schema { types { name } } }", has_introspection=False)

    assert {code for _, code in told} == {"INTROSPECTION_DISABLED"}
    assert errors_of("{ __typename }", has_introspection=False) == []


def test_where_introspection_is_off_a_wrong_name_gets_no_hint() -> None:
    [(hint, _)] = errors_of("{ order }".replace("order", "ordrs"))
    [(none, _)] = errors_of("{ order }".replace("order", "ordrs"), has_introspection=False)

    assert ("orders" in hint, "orders" in none) == (True, False)


def test_a_query_deeper_than_12_levels_is_refused() -> None:
    twelve = f"{{ {'orders(first: 1) { edges { node { customer { ' * 3} name {'} } } } ' * 3} }}"
    thirteen = twelve.replace("name", "addresses { id }")

    assert errors_of(twelve) == []
    assert errors_of(thirteen) == [("the query has 13 levels, over the limit of 12; simplify it", "TOO_COMPLEX")]


def test_31_aliases_are_refused() -> None:
    aliases = " ".join(f'p{number}: product(sku: "CHAI") {{ sku }}' for number in range(31))

    assert errors_of(f"{{ {aliases} }}") == [
        ("the query has 31 aliases, over the limit of 30; simplify it", "TOO_COMPLEX")
    ]


def test_aliases_count_where_the_schema_is_told_too() -> None:
    aliases = " ".join(f"t{number}: types {{ name }}" for number in range(31))

    assert errors_of(f"{{ __schema {{ {aliases} }} }}") == [
        ("the query has 31 aliases, over the limit of 30; simplify it", "TOO_COMPLEX")
    ]


def test_the_cost_is_how_many_objects_there_are_at_most() -> None:
    operation = found("{ orders(first: 5) { edges { node { id total { amount } customer { name } lines { sku } } } } }")

    order = 1 + 1 + 1 + 10  # the order itself, its total, its customer, its lines
    assert operation.cost({}) == 1 + 5 * (1 + order)


def test_a_search_costs_as_much_as_500_objects_wherever_it_is() -> None:
    one = "products(first: 4) { nodes { sku } }"

    assert found(f"{{ {one} }}").cost({}) == 500 + 4
    assert found(f"query ($n: Int) {{ categories(first: $n) {{ nodes {{ {one} }} }} }}").cost({"n": 20}) == 10101
    assert found(f"{{ categories(first: 100) {{ nodes {{ {one} }} }} }}").cost({}) > Limits().cost


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ orders(first: 4) { totalCount } }", 1 + 2000),
        ("{ customers(first: 4) { totalCount nodes { id } } }", 1 + 2000 + 4),
        (
            "{ orders(first: 4) { ...p } customers(first: 4) { nodes { orders(first: 1) { ...p } } } } "
            "fragment p on OrderConnection { totalCount }",
            1 + 2000 + 1 + 4 * (1 + 1 + 100),
        ),
        ("{ categories(first: 4) { totalCount } }", 1 + 100),
        ("{ shipments(first: 4) { totalCount nodes { id lines { sku } } } }", 1 + 2000 + 4 * (1 + 10)),
        ("{ returns(first: 4) { totalCount nodes { id lines { sku } } } }", 1 + 2000 + 4 * (1 + 10)),
        ("{ orders(first: 4) { nodes { fulfilment shipments { id } } } }", 1 + 4 * (1 + 10 + 10)),
        ("{ shipments(first: 4) { nodes { tracking { at } } } }", 1 + 4 * (1 + 20)),
        ("{ shipments(first: 4) { nodes { tracking(last: 50) { at } } } }", 1 + 4 * (1 + 50)),
        ("query ($last: Int = 7) { shipments(first: 4) { nodes { tracking(last: $last) { at } } } }", 1 + 4 * (1 + 7)),
    ],
)
def test_counting_all_orders_costs_more_than_those_of_a_customer(query: str, cost: int) -> None:
    assert found(query).cost({}) == cost


def test_the_keys_of_products_count() -> None:
    query = "query ($skus: [String!]!) { productsBySku(skus: $skus) { sku price { amount } } }"

    assert found(query).cost({"skus": ["A"] * 7}) == 7 * 2


def test_the_size_of_a_page_may_be_a_variable() -> None:
    operation = found(PAGE_OF_PAGES)

    assert operation.cost({"n": 1}) == 1 + 1 * (3 + 1 + 1)
    assert operation.cost({"n": 10}) == 1 + 10 * (3 + 1 + 10)


@pytest.mark.parametrize("size", [10**30, -1, "7", 101, 1.5, {}])
def test_a_size_that_is_none_counts_as_the_most(size: Any) -> None:
    assert found(PAGE_OF_PAGES).cost({"n": size}) == 1 + 100 * (3 + 1 + 100)


@pytest.mark.parametrize("size", ["-1", "-999999", "101", "2147483647", "-2147483648"])
def test_a_literal_that_is_no_size_counts_as_the_most_and_makes_nothing_else_cheaper(size: str) -> None:
    assert found(f"{{ orders(first: {size}) {{ edges {{ cursor }} }} }}").cost({}) == 101


def test_the_size_of_a_page_has_a_default() -> None:
    inner = "{ edges { cursor } }"

    assert found(f"{{ orders {inner} }}").cost({}) == 21
    assert found(f"query ($n: Int! = 3) {{ orders(first: $n) {inner} }}").cost({}) == 4
    assert found(f"query ($n: Int! = 3) {{ orders(first: $n) {inner} }}").cost({"n": 8}) == 9


def test_a_page_asked_for_from_both_ends_counts_with_the_greater_size() -> None:
    both = PageSize((("first", None), ("last", 7)), 20)

    assert [both.among(given) for given in ({}, {"first": 30}, {"last": 50}, {"first": None, "last": 3})] == [
        7,
        30,
        50,
        3,
    ]
    assert PageSize((("first", None), ("last", None)), 20).among({"last": None}) == 20
    assert PageSize((("ids", None),), 10).among({"ids": ["a"] * 101}) == 101


def test_what_a_fragment_asks_for_counts_at_each_of_its_uses() -> None:
    aliases = " ".join(f"a{number}: sku" for number in range(16))
    fragment = f"fragment p on Product {{ {aliases} price {{ amount }} }}"
    query = f'{{ product(sku: "A") {{ ...p }} products(first: 3) {{ edges {{ node {{ ...p }} }} }} }} {fragment}'

    assert errors_of(query) == [("the query has 32 aliases, over the limit of 30; simplify it", "TOO_COMPLEX")]
    assert found(query, aliases=32).cost({}) == 2 + 500 + 3 * 3


@pytest.mark.timeout(20)
def test_fragments_that_use_each_other_twice_are_weighed_once() -> None:
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(150))
    last = "fragment F150 on Query { orders(first: $n) { edges { cursor } } }"
    operation = found(f"query ($n: Int!) {{ ...F0 }} {fragments} {last}", tokens=2000)

    assert operation.errors == ()
    assert operation.cost({"n": 7}) == 2**150 * 8


def test_more_than_1000_tokens_are_refused() -> None:
    [(message, code)] = errors_of("{" + "__typename " * 1001 + "}")

    assert ("1000" in message, code) == (True, "TOO_COMPLEX")


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "query",
    [
        "{" * 1900,
        "{ orders" * 900 + "}" * 900,
        "{ a(x: " + "[" * 1900 + ")}",
        "{ " + "... { " * 600 + "__typename" + " }" * 600 + " }",
        "query " + "@a " * 900 + "{ __typename }",
        "query (" + " ".join(f"$v{n}: Int" for n in range(480)) + ") { __typename }",
        "fragment a on Query { ...b } fragment b on Query { ...a } { ...a }",
        " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(250)) + "{ ...f0 }",
        "{ " + " ".join("orders { edges { node { id total { amount } } } }" for _ in range(120)) + " }",
        "{ " + " ".join(f"orders(first: {n}) {{ edges {{ cursor }} }}" for n in range(180)) + " }",
        "{ " + " ".join(f'a{n}: product(sku: "{n}") {{ sku }}' for n in range(200)) + " }",
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
        "{ __schema { "
        + " ".join(f"a{n}: types {{ fields {{ type {{ fields {{ args {{ name }} }} }} }} }}" for n in range(29))
        + " } }",
        "{ orders(first: 99999999999999999999999999) { edges { cursor } } }",
        "mutation { __typename }",
        '"' + "x" * 100_000,
        "{ orders(after: " + '"""' + "x\n" * 50_000,
    ],
)
def test_hostile_documents_are_refused_with_a_code(query: str) -> None:
    operation = found(query, tokens=2000)

    assert operation.errors or operation.cost({}) > Limits().cost
    assert {(error.extensions or {})["code"] for error in operation.errors} <= {"BAD_USER_INPUT", "TOO_COMPLEX"}


@pytest.mark.parametrize(
    "query",
    [
        "{ " + "x" * 100_000 + " }",
        f"{{ orders(first: {'1' * 100_000}) {{ edges {{ cursor }} }} }}",
        f"query ($n: Int = {'1' * 100_000}) {{ orders(first: $n) {{ edges {{ cursor }} }} }}",
        f"{{ orders(filter: {{ status: {'X' * 100_000} }}) {{ edges {{ cursor }} }} }}",
    ],
)
def test_of_what_is_very_long_little_is_said_again(query: str) -> None:
    [(message, code)] = errors_of(query)

    assert (len(message) <= 501, code) == (True, "BAD_USER_INPUT")


def test_which_of_several_operations_is_meant_must_be_said() -> None:
    two = "query a { orders { edges { cursor } } } query b { __typename }"

    assert [code for _, code in errors_of(two)] == ["OPERATION_RESOLUTION_FAILURE"]
    assert [code for _, code in errors_of(two, "c")] == ["OPERATION_RESOLUTION_FAILURE"]
    assert [code for _, code in errors_of("fragment f on Query { __typename }")] == ["OPERATION_RESOLUTION_FAILURE"]
    assert (found(two, "a").cost({}), found(two, "b").cost({})) == (21, 0)


def test_an_operation_that_comes_again_is_known() -> None:
    operations = Operations(schema._schema, Limits())

    assert operations.find("{ __typename }", None) is operations.find("{ __typename }", None)

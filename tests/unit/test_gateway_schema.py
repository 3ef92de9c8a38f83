"""The schema as it is checked in, and the limits of what one query may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_introspection_query

import gateway
from chassis.problems import Unavailable
from gateway.schema import schema

SCHEMA_FILE = Path(gateway.__file__).parent / "schema.graphql"


async def errors_of(query: str, **context: Any) -> list[tuple[str, str]]:
    result = await schema.execute(query, context_value=MagicMock(**context), variable_values={"n": 100})
    return [(error.message, (error.extensions or {})["code"]) for error in result.errors or []]


def test_the_checked_in_schema_is_the_one_that_is_served() -> None:
    assert SCHEMA_FILE.read_text() == schema.as_str() + "\n", "python -m gateway.schema > gateway/schema.graphql"


def test_every_type_and_field_says_what_it_is() -> None:
    ours = [each for name, each in schema._schema.type_map.items() if not name.startswith("__")]
    silent = [each.name for each in ours if not each.description]
    for each in ours:
        if isinstance(each, GraphQLObjectType | GraphQLInputObjectType):
            silent += [f"{each.name}.{name}" for name, field in each.fields.items() if not field.description]

    assert silent == []


async def test_tools_can_read_the_schema() -> None:
    assert await errors_of(get_introspection_query(input_value_deprecation=True)) == []


async def test_a_query_deeper_than_12_levels_is_refused() -> None:
    twelve = f"{{ {'orders(first: 1) { edges { node { customer { ' * 3} name {'} } } } ' * 3} }}"
    thirteen = twelve.replace("name", "addresses { id }")

    assert await errors_of(twelve) == []
    assert await errors_of(thirteen) == [("a query has at most 12 levels; this one has 13", "BAD_USER_INPUT")]


async def test_31_aliases_are_refused() -> None:
    aliases = " ".join(f'p{number}: product(sku: "CHAI") {{ sku }}' for number in range(31))

    told = "a query has at most 30 aliases; this one has 31"
    assert await errors_of(f"{{ {aliases} }}") == [(told, "BAD_USER_INPUT")]


async def test_a_full_page_of_full_pages_is_the_most_that_a_query_may_ask_for() -> None:
    page = "{ edges { node { customer { orders(first: 100) { edges { cursor } } } } } }"
    fits = f"query ($n: Int!) {{ orders(first: $n) {page} }}"
    over = fits.replace("cursor", "node { customer { orders(first: 1) { edges { cursor } } } }")

    told = "a query has at most 10100 entries of lists; this one has 20100"
    assert await errors_of(fits) == []
    assert await errors_of(over) == [(told, "BAD_USER_INPUT")]


async def test_what_a_fragment_asks_for_counts_at_each_of_its_uses() -> None:
    aliases = " ".join(f"a{number}: sku" for number in range(16))
    fragment = f"fragment p on Product {{ {aliases} }}"
    query = f'{{ product(sku: "A") {{ ...p }} products {{ edges {{ node {{ ...p }} }} }} }} {fragment}'

    assert await errors_of(query) == [("a query has at most 30 aliases; this one has 32", "BAD_USER_INPUT")]


@pytest.mark.timeout(10)
async def test_fragments_that_use_each_other_twice_are_weighed_once() -> None:
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(150))
    result = await schema.execute(f"{{ ...F0 }} {fragments} fragment F150 on Query {{ __typename }}")

    assert result.data == {"__typename": "Query"}


async def test_more_than_2000_tokens_are_refused() -> None:
    [(message, code)] = await errors_of("{" + "__typename " * 2001 + "}")

    assert ("2000 tokens" in message, code) == (True, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (RuntimeError("password=secret"), ("this failed inside; the log has the reason", "INTERNAL")),
        (Unavailable("the read model"), ("the read model does not answer at the moment; try again", "UNAVAILABLE")),
    ],
)
async def test_what_fails_inside_is_not_shown(reason: Exception, told: tuple[str, str]) -> None:
    loaders = MagicMock()
    loaders.products.load.side_effect = reason

    assert await errors_of('{ product(sku: "CHAI") { sku } }', loaders=loaders) == [told]

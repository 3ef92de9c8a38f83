"""The schema as it is checked in, and what it tells of what fails inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_introspection_query

import gateway
from chassis.http.problems import Unavailable
from gateway.schema import schema

SCHEMA_FILE = Path(gateway.__file__).parent / "schema.graphql"


async def errors_of(query: str, **context: Any) -> list[tuple[str, str]]:
    result = await schema.execute(query, context_value=MagicMock(**context))
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


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (RuntimeError("password=secret"), ("internal error; quote the X-Request-Id to support", "INTERNAL")),
        (Unavailable("the read model"), ("The read model is unavailable; retry.", "UNAVAILABLE")),
    ],
)
async def test_what_fails_inside_is_not_shown(reason: Exception, told: tuple[str, str]) -> None:
    loaders = MagicMock()
    loaders.products.load.side_effect = reason

    assert await errors_of('{ product(sku: "CHAI") { sku } }', loaders=loaders) == [told]

"""The schema as it is checked in, and what it tells of what fails inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_introspection_query,
    get_named_type,
)

import gateway
from chassis.http.errors.problems import Unavailable
from gateway.schema import schema

SCHEMA_FILE = Path(gateway.__file__).parent / "schema.graphql"


async def errors_of(query: str, **context: Any) -> list[tuple[str, str]]:
    result = await schema.execute(query, context_value=MagicMock(**context))
    return [(error.message, (error.extensions or {})["code"]) for error in result.errors or []]


def test_the_checked_in_schema_is_the_one_that_is_served() -> None:
    assert SCHEMA_FILE.read_text() == schema.as_str() + "\n", "python -m gateway.schema > gateway/schema.graphql"


def ours() -> list[Any]:
    return [each for name, each in schema._schema.type_map.items() if not name.startswith("__")]


def outputs() -> dict[str, GraphQLField]:
    """The fields of all types, by names such as `Order.id`."""
    types = [each for each in ours() if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)]
    return {f"{of.name}.{name}": field for of in types for name, field in of.fields.items()}


def inputs() -> dict[str, GraphQLArgument | GraphQLInputField]:
    """All arguments and input fields, by names such as `Query.order.id` and `OrderFilter.ids`."""
    arguments = {f"{of}.{name}": each for of, field in outputs().items() for name, each in field.args.items()}
    types = [each for each in ours() if isinstance(each, GraphQLInputObjectType)]
    return arguments | {f"{of.name}.{name}": field for of in types for name, field in of.fields.items()}


def test_every_type_field_argument_and_value_says_what_it_is() -> None:
    silent = [each.name for each in ours() if not each.description]
    silent += [name for name, field in (*outputs().items(), *inputs().items()) if not field.description]
    for each in ours():
        if isinstance(each, GraphQLEnumType):
            silent += [f"{each.name}.{name}" for name, value in each.values.items() if not value.description]

    assert silent == []


def test_no_input_has_null_as_its_default() -> None:
    assert "= null" not in schema.as_str()


def test_null_is_taken_wherever_an_input_has_a_default() -> None:
    assert [
        name
        for name, each in inputs().items()
        if isinstance(each.type, GraphQLNonNull) and each.default_value is not Undefined
    ] == []


def test_every_id_is_an_id() -> None:
    named = {name.rpartition(".")[2]: each for name, each in (*outputs().items(), *inputs().items())}
    ids = {name: each for name, each in named.items() if name in ("id", "ids") or name.endswith("Id")}

    assert {"id", "ids", "customerId", "orderId", "deliveryAddressId"} < ids.keys()
    assert {str(get_named_type(each.type)) for name, each in ids.items() if name != "externalId"} == {"ID"}
    assert "UUID" not in schema._schema.type_map


def test_every_range_begins_with_from_and_ends_before_or_below() -> None:
    names = inputs().keys() | outputs().keys()
    begins = {name.removesuffix("From") for name in names if name.endswith("From")}
    ends = {name.removesuffix("Before").removesuffix("Below") for name in names if name.endswith(("Before", "Below"))}

    assert {"OrderFilter.placed", "OrderFilter.total", "ProductFilter.price"} < begins
    assert begins == ends
    others = ["DeliveryWindow.to", "Stock.reorderTo"]
    assert sorted(name for name in names if name.endswith((".to", "To"))) == others, "an end by itself, and a level"
    for name in begins:
        is_time = str(get_named_type(inputs()[f"{name}From"].type)) == "DateTime"
        assert f"{name}{'Before' if is_time else 'Below'}" in names, name


def test_what_is_stored_by_itself_says_when_it_changed_and_its_version() -> None:
    node = schema._schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    kinds = schema._schema.get_implementations(node).objects

    assert {"Order", "Customer", "Address", "Product"} <= {each.name for each in kinds}
    for each in kinds:
        shown = {name: str(field.type) for name, field in each.fields.items()}
        assert (shown["updatedAt"], shown["version"]) == ("DateTime!", "Int!"), each
        assert shown.get("createdAt") == "DateTime!" or each.name in ("Stock", "Shipment", "Return"), (
            "they begin with what happens"
        )


def test_an_error_of_one_root_field_leaves_the_others() -> None:
    query = schema._schema.query_type
    assert query is not None
    assert [name for name, field in query.fields.items() if isinstance(field.type, GraphQLNonNull)] == []


def test_every_dimension_says_its_unit() -> None:
    told = {name: outputs()[f"Product.{name}"].description or "" for name in ("length", "width", "height", "weight")}

    assert ["in centimetres" in told[name] for name in ("length", "width", "height")] == [True] * 3
    assert "in kilograms" in told["weight"]


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

"""What is read of an order: its lines only if they are selected, and their products one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema
from gateway.shop.context import Context
from gateway.shop.loaders import Loaders

ID = "0197b1a4-0000-7000-8000-000000000001"
OF_LINES = "to_json(o.lines)"
ROOTS = [
    f'order(id: "{ID}") {{ %s }}',
    f'node(id: "{ID}") {{ ... on Order {{ %s }} }}',
    f'nodes(ids: ["{ID}"]) {{ ... on Order {{ %s }} }}',
    "orders { nodes { %s } }",
    "orders { edges { node { %s } } }",
]


class RecordedDatabase:
    """An empty read model that keeps the statements on orders."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    async def fetch(self, statement: str, _: Sequence[Any]) -> list[Any]:
        if "sales_order" in statement:
            self.statements.append(statement)
        return []


async def read_by_the_executor(query: str) -> list[str]:
    database: Any = RecordedDatabase()
    nothing: Any = None
    result = await schema.execute(query, None, Context(database, nothing, Loaders(database)))
    assert result.errors is None, result.errors
    found: list[str] = database.statements
    return found


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize(
    ("selected", "has_lines"),
    [
        ("id", False),
        ("customer { name } history { status }", False),
        ("lines { sku }", True),
        ("all: lines { sku }", True),
        ("...shown", True),
    ],
)
async def test_the_executor_reads_lines_only_if_they_are_selected(root: str, selected: str, has_lines: bool) -> None:
    fragment = " fragment shown on Order { ... on Order { lines { quantity } } }" if selected == "...shown" else ""

    statements = await read_by_the_executor("{" + root % selected + "}" + fragment)

    assert len(statements) == 1
    assert (OF_LINES in statements[0]) is has_lines
    assert "o.*" not in statements[0]


def test_a_compiled_statement_never_joins_the_elements_of_an_array() -> None:
    operation = Operations(schema._schema, Limits()).find(
        "{ orders { nodes { lines { sku product { name } deliveryAddress { city } } } } }", None
    )
    assert operation.plans is not None
    query = operation.plans.query({})
    assert query is not None

    assert "unnest(t1.lines)" in query.statements[0].sql
    assert "FROM product AS" in query.statements[0].sql
    assert "JOIN" not in query.statements[0].sql

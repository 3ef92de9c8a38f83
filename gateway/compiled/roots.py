"""The statements for the fields of `Query`: one for all; or, if that is too long, one for all fields with equal SQL."""

from __future__ import annotations

from collections.abc import Callable

from graphql import GraphQLObjectType

from gateway.compiled.objects import Objects, TooManyFields
from gateway.compiled.selections import Fields
from gateway.compiled.statements import Member, Parameters, Query, Statement
from gateway.compiled.text import joined

MAX_SQL = 32_768
"""The maximum length of the statements of one operation; the executor runs larger operations.

Postgres plans a statement of this length in about 30 ms, longer than the executor takes for the same objects: no
client makes it plan for longer. A plan that is kept saves that within four runs.
"""

NewObjects = Callable[[], Objects]


def query_of(root: GraphQLObjectType, fields: Fields, new_objects: NewObjects) -> Query | None:
    """The query for these fields; None when it would be too long. Raises NotCompilable, BadInput and InvalidCursor."""
    whole = _statement(root, fields, new_objects())
    if whole is not None:
        return Query((whole,))
    return _repeated(root, fields, new_objects) if len(fields) > 1 else None


def _statement(root: GraphQLObjectType, fields: Fields, objects: Objects) -> Statement | None:
    try:
        sql = f"SELECT convert_to({joined(objects.members(root, fields, None))}, 'UTF8')"
    except TooManyFields:
        return None
    return Statement(sql, [objects.parameters.values]) if len(sql) <= MAX_SQL else None


def _repeated(root: GraphQLObjectType, fields: Fields, new_objects: NewObjects) -> Query | None:
    """One run for each field: aliases with equal selections differ only by their parameters."""
    runs: dict[str, list[Parameters]] = {}
    found: list[tuple[str, str, int]] = []
    for key, nodes in fields.items():
        one = _statement(root, {"": nodes}, new_objects())
        if one is None:
            return None
        of_equal = runs.setdefault(one.sql, [])
        found.append((key, one.sql, len(of_equal)))
        of_equal += one.runs
        if sum(map(len, runs)) > MAX_SQL:
            return None
    number_of = {sql: number for number, sql in enumerate(runs)}
    members = tuple(Member(key.encode(), number_of[sql], run) for key, sql, run in found)
    return Query(tuple(Statement(sql, each) for sql, each in runs.items()), members)

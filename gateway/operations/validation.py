"""Validates an operation before it is executed, and checks its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    specified_rules,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping
from graphql.validation.validate import ValidationAbortedError

from gateway import errors
from gateway.operations.complexity import Weight


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one request; time is in seconds.

    A document has at most `tokens`; its selections are nested at most `depth` deep, and at most `aliases` have one. The
    answer has at most `cost` objects (see `gateway/operations/cost.py`) and takes at most `timeout_s`.
    """

    body_bytes: int = 131_072
    tokens: int = 1000
    depth: int = 12
    aliases: int = 30
    cost: int = 25_000
    timeout_s: float = 10.0
    has_introspection: bool = True


MAX_ERRORS = 10
"""The maximum number of errors that are reported for one document."""

overlapping.MAX_COMPLEXITY_BUDGET = 10_000
"""Validation compares the fields of a document pairwise. graphql-core's default of 500,000 lets one document take most
of a second; documents of real clients stay far below this limit."""


class NoIntrospection(NoSchemaIntrospectionCustomRule):
    """Refuses introspection, with its own code."""

    def report_error(self, error: GraphQLError) -> None:
        """Report an introspection field."""
        super().report_error(
            errors.graphql_error("introspection is disabled", errors.INTROSPECTION_DISABLED, error.nodes)
        )


def validation_errors(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """The errors of an invalid document."""
    rules = [*specified_rules, MaxIntrospectionDepthRule]
    if not limits.has_introspection:
        rules.append(NoIntrospection)
    found = validate(schema, document, rules, MAX_ERRORS, hide_suggestions=not limits.has_introspection)
    if len(found) == 1 and isinstance(found[0], ValidationAbortedError):
        return [errors.graphql_error("the query is too large to be validated", errors.TOO_COMPLEX)]
    return found


def limit_errors(weight: Weight, definition: OperationDefinitionNode, limits: Limits) -> Iterator[GraphQLError]:
    """The limits that a valid operation exceeds."""
    for what, has, may in (("levels", weight.depth, limits.depth), ("aliases", weight.aliases, limits.aliases)):
        if has > may:
            message = f"the query has {has} {what}, over the limit of {may}; simplify it"
            yield errors.graphql_error(message, errors.TOO_COMPLEX, definition)

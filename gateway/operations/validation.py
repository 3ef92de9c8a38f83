"""Checks an operation before it is executed: it must be valid, and within the limits of one request."""

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
    """What one request may ask for at most; time is in seconds.

    A document has at most `tokens`, and of its selections at most `depth` lie in each other and `aliases` have one. The
    answer has at most `cost` objects (see `gateway/operations/cost.py`) and takes at most `timeout_s`.
    """

    body_bytes: int = 131_072
    tokens: int = 1000
    depth: int = 12
    aliases: int = 30
    cost: int = 25_000
    timeout_s: float = 10.0
    has_introspection: bool = True


MOST_FAULTS = 10
"""So many faults of a document are told; a client learns no more from the rest."""

overlapping.MAX_COMPLEXITY_BUDGET = 10_000
"""Comparing the fields of a document with each other takes the square of their number. graphql-core's own bound of
500,000 lets one document take most of a second; what tools and clients write stays far below this one."""


class NoIntrospection(NoSchemaIntrospectionCustomRule):
    """Refuses to tell the schema, with a code that says that nobody is told."""

    def report_error(self, error: GraphQLError) -> None:
        """Report a use of the schema's description."""
        super().report_error(errors.coded("the schema is not told here", errors.INTROSPECTION_DISABLED, error.nodes))


def faults(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What is not valid in a document."""
    rules = [*specified_rules, MaxIntrospectionDepthRule]
    if not limits.has_introspection:
        rules.append(NoIntrospection)
    found = validate(schema, document, rules, MOST_FAULTS, hide_suggestions=not limits.has_introspection)
    if len(found) == 1 and isinstance(found[0], ValidationAbortedError):
        return [errors.coded("the query is too large to be checked", errors.TOO_COMPLEX)]
    return found


def over(weight: Weight, definition: OperationDefinitionNode, limits: Limits) -> Iterator[GraphQLError]:
    """What a valid operation asks too much of."""
    for what, has, may in (("levels", weight.depth, limits.depth), ("aliases", weight.aliases, limits.aliases)):
        if has > may:
            told = f"a query has at most {may} {what}; this one has {has}"
            yield errors.coded(told, errors.TOO_COMPLEX, definition)

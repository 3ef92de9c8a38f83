"""The operations that clients send, parsed and validated once and cached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    separate_operations,
)

from gateway import errors
from gateway.compiled.plans import Plans
from gateway.consistency.read_preferences import Directives
from gateway.consistency.reads import EVERYTHING, Reads, reads
from gateway.found.plans import FoundPlans
from gateway.operations import validation
from gateway.operations.cache import Cache
from gateway.operations.complexity import Weigher
from gateway.operations.cost import Cost
from gateway.operations.validation import Limits


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of one document. With `errors` it is not executed, and may lack the other fields.

    `plans` are its compiled statements, `found` its searches if these answer it alone; `directives` say which writes it
    must see, and `reads` in which sources.
    """

    document: DocumentNode | None
    definition: OperationDefinitionNode | None
    errors: tuple[GraphQLError, ...]
    predicted: Cost
    plans: Plans | None = None
    directives: Directives | None = None
    reads: Reads = EVERYTHING
    found: FoundPlans | None = None

    def cost(self, variables: Mapping[str, Any]) -> int:
        """The maximum number of objects in the answer, with these variables."""
        return self.predicted.among(variables)


class Operations:
    """The operations of one schema, with a cache of the most recent ones."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self.limits = limits
        self._schema = schema
        self.cache = Cache[Operation]()

    def find(self, text: str, name: str | None) -> Operation:
        """The operation with this name in a document; without a name, the document's only one."""
        key = (text, name)
        operation = self.cache.get(key)
        if operation is None:
            operation = self._read(text, name)
            self.cache.put(key, operation, operation.document.token_count if operation.document else 0)
        return operation

    def names(self, text: str) -> list[str | None]:
        """The names that find each operation of a document; [None] when it cannot be parsed."""
        try:
            document = parse(text, max_lexical_tokens=self.limits.tokens)
        except GraphQLError:
            return [None]
        found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        return [each.name.value if each.name else None for each in found] if len(found) > 1 else [None]

    def _read(self, text: str, name: str | None) -> Operation:
        try:
            document = parse(text, max_lexical_tokens=self.limits.tokens)
            definition = _definition(document, name)
            if found := validation.validation_errors(self._schema, document, self.limits):
                return _refused(*found, document=document, definition=definition)
            weight = Weigher(self._schema, document).operation(definition)
        except GraphQLSyntaxError as error:
            is_too_much = any(
                each in error.message for each in (f"more than {self.limits.tokens} tokens", "too deeply")
            )
            return _refused(errors.graphql_error(error.message, errors.TOO_COMPLEX) if is_too_much else error)
        except GraphQLError as error:
            return _refused(error)
        except RecursionError:
            return _refused(errors.graphql_error("the query is nested too deeply", errors.TOO_COMPLEX))
        over = tuple(validation.limit_errors(weight, definition, self.limits))
        if over:
            return Operation(document, definition, over, weight.cost)
        alone = separate_operations(document)[definition.name.value if definition.name else ""]
        read, on_kept = reads(self._schema, alone), partial(self.cache.grow, (text, name))
        is_found = read.searches and not read.uses_read_model
        return Operation(
            document,
            definition,
            over,
            weight.cost,
            Plans(self._schema, document, definition, on_kept),
            Directives(alone),
            read,
            FoundPlans(self._schema, document, definition, on_kept) if is_found else None,
        )


def _definition(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        found = [each for each in found if each.name and each.name.value == name]
    if len(found) == 1:
        return found[0]
    if name is not None:
        message = f"the document has {'no' if not found else 'more than one'} operation named `{name[:100]}`"
    else:
        message = "the document has no operation" if not found else "name the operation in `operationName`"
    raise errors.graphql_error(message, errors.OPERATION_RESOLUTION_FAILURE)


def _refused(
    *found: GraphQLError, document: DocumentNode | None = None, definition: OperationDefinitionNode | None = None
) -> Operation:
    return Operation(document, definition, tuple(errors.for_client(found)), Cost())

"""The hubs of one process, one for each log of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.live.availability_event import AVAILABILITY_LOG
from gateway.live.hub import Hub, LiveLimits
from gateway.live.order_event import ORDERS
from gateway.live.shipment_event import SHIPMENTS
from gateway.live.subscribers import Subscriber
from gateway.operations.operations import Operation
from gateway.shop.context import Context

_LOGS = {
    "availabilityChanged": AVAILABILITY_LOG,
    "shipmentChanged": SHIPMENTS,
    "shipmentsChanged": SHIPMENTS,
}
"""The log of each subscription that is not one of orders."""


class Hubs:
    """All subscriptions of one process. Call `start` before use and `close` at the end.

    The log of orders is read from then on, the others from their first subscription on.
    """

    def __init__(self, schema: GraphQLSchema, limits: LiveLimits, new_context: Callable[[], Context]) -> None:
        logs = {log.tag: log for log in (ORDERS, *_LOGS.values())}
        self._hubs = {tag: Hub(log, schema, limits, new_context) for tag, log in logs.items()}

    def start(self) -> None:
        """Start to read the changes of orders."""
        self._hubs[ORDERS.tag].start()

    async def cursor(self, tag: str) -> str:
        """The cursor of the current end of the log with this tag. Raises Refusal."""
        return await self._hubs[tag].cursor()

    def subscribe(
        self, operation: Operation, name: str | None, variables: Mapping[str, Any], last_event_id: str | None = None
    ) -> AbstractAsyncContextManager[Subscriber]:
        """See `Hub.subscribe`."""
        assert operation.document is not None
        assert operation.definition is not None
        field = _root_field(operation.document, operation.definition)
        return self._hubs[_LOGS.get(field, ORDERS).tag].subscribe(operation, name, variables, last_event_id)

    async def end(self) -> None:
        """End all subscriptions and accept no new ones."""
        await asyncio.gather(*(hub.end() for hub in self._hubs.values()))

    async def close(self) -> None:
        """End all subscriptions and stop reading."""
        await asyncio.gather(*(hub.close() for hub in self._hubs.values()))


def _root_field(document: DocumentNode, definition: OperationDefinitionNode) -> str:
    """The name of the only field of a valid subscription."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}

    def first(selections: SelectionSetNode) -> str:
        for node in selections.selections:
            match node:
                case FieldNode():
                    return node.name.value
                case FragmentSpreadNode():
                    found = first(fragments[node.name.value].selection_set)
                case InlineFragmentNode():
                    found = first(node.selection_set)
                case _:
                    found = ""
            if found:
                return found
        return ""

    return first(definition.selection_set)

"""What the resolvers of one request use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from asyncpg import Record
from graphql import DocumentNode
from strawberry.fastapi import BaseContext

from gateway.fields.fields import from_row
from gateway.shop.loaders import Loaders
from gateway.shop.orders.inputs import OrderFilter
from gateway.shop.orders.lists import Statement
from gateway.shop.share import Reader
from gateway.shop.shipments.inputs import ShipmentFilter
from search.catalogue import ProductSearches

Object = TypeVar("Object")

Now = Callable[[str], Awaitable[str]]
UntilShown = Callable[[str, str, int], Awaitable[None]]


@dataclass(frozen=True)
class SubscriptionArguments:
    """Which changes a subscription requests: the orders, shipments or SKUs, and the cursor to begin after."""

    filter: OrderFilter | ShipmentFilter | frozenset[str]
    after: str | None


class Context(BaseContext):
    """One request's databases, and what it has loaded from them already."""

    def __init__(
        self,
        read_model: Reader,
        searches: ProductSearches,
        loaders: Loaders,
        mark: object = None,
        now: Now | None = None,
        until_shown: UntilShown | None = None,
    ) -> None:
        """`mark` changes when earlier search results are known to be outdated. `now` gives the cursor of a stream.

        `until_shown` waits until the read model has a version of a row.
        """
        super().__init__()
        self.read_model = read_model
        self.searches = searches
        self.loaders = loaders
        self.mark = mark
        self._now = now
        self._until_shown = until_shown
        self._objects: dict[int, Any] = {}
        self.document: DocumentNode | None = None
        """The request's document, when it is parsed and validated already."""
        self.search_failure: Exception | None = None
        """Why the search of this request failed already, which is not repeated."""
        self.subscription: SubscriptionArguments | None = None
        """Set by the resolver of a subscription."""

    def object(self, type_: type[Object], row: Record | None) -> Object | None:
        """The object of a row that a loader returned, made once for each row; None without a row."""
        if row is None:
            return None
        key = id(row)  # the loaders keep their rows for as long as this lives
        if key not in self._objects:
            self._objects[key] = from_row(type_, row)
        return cast(Object, self._objects[key])

    async def now(self, stream: str) -> str | None:
        """The cursor of the current end of a stream of changes, by the tag of its log. Raises Refusal."""
        return await self._now(stream) if self._now else None

    async def until_shown(self, kind: str, identity: str, version: int) -> None:
        """Return when the read model has a version of the row that a consistency token names, or after a moment."""
        if self._until_shown is not None:
            await self._until_shown(kind, identity, version)

    async def count(self, statement: Statement) -> int:
        """The result of a statement that counts."""
        return int(await self.read_model.fetchval(*statement))

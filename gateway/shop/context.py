"""What the resolvers of one request have at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strawberry.fastapi import BaseContext

from chassis.databases.postgres import Database
from gateway.shop.order_statements import Statement
from search.catalogue import ProductSearches

if TYPE_CHECKING:
    from gateway.live.hub import Hub
    from gateway.live.subscription import Wanted
    from gateway.operations.operations import Operations
    from gateway.shop.loaders import Loaders


class Context(BaseContext):
    """One request's stores, and what it has loaded from them already."""

    def __init__(
        self,
        database: Database,
        searches: ProductSearches,
        new_loaders: Callable[[Database], Loaders],
        operations: Operations,
        mark: object = None,
        hub: Hub | None = None,
    ) -> None:
        """`mark` changes when what was found before is known to be old."""
        super().__init__()
        self.read_model = database
        self.searches = searches
        self.mark = mark
        self.loaders = new_loaders(database)
        self.operations = operations
        self._hub = hub
        self.wanted: Wanted | None = None
        """What a subscription asks for."""

    async def now(self) -> str | None:
        """The cursor of now in the stream of changes. Raises Refusal."""
        return await self._hub.cursor() if self._hub else None

    async def count(self, statement: Statement) -> int:
        """What a statement that counts has found."""
        return int(await self.read_model.fetchval(*statement))

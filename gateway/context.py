"""What the resolvers of one request have at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strawberry.fastapi import BaseContext

from chassis.postgres import Database
from chassis.product_searches import ProductSearches
from gateway.order_statements import Statement

if TYPE_CHECKING:
    from gateway.loaders import Loaders
    from gateway.operations import Operations


class Context(BaseContext):
    """One request's stores, and what it has loaded from them already."""

    def __init__(
        self,
        database: Database,
        searches: ProductSearches,
        new_loaders: Callable[[Database], Loaders],
        operations: Operations,
        mark: object = None,
    ) -> None:
        """`mark` changes when what was found before is known to be old."""
        super().__init__()
        self.read_model = database
        self.searches = searches
        self.mark = mark
        self.loaders = new_loaders(database)
        self.operations = operations

    async def count(self, statement: Statement) -> int:
        """What a statement that counts has found."""
        sql, parameters = statement
        async with self.read_model.connection() as read_model:
            return int(await read_model.fetchval(sql, *parameters))

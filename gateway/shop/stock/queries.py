"""Queries about stores and their stock."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import Info

from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import resolved
from gateway.fields.paging import Page
from gateway.fields.relations import One
from gateway.shop.context import Context
from gateway.shop.stock import lists
from gateway.shop.stock.levels import Stock
from gateway.shop.stock.lists import STOCK_PAGES, STORE_KEYSET, STORE_PAGES, StockFilter, StockListRequest, StockSort
from gateway.shop.stock.restocks import (
    KEYSET,
    RESTOCK_PAGES,
    RestockRequest,
    RestockRequestFilter,
    count_requests,
    page_of_requests,
)
from gateway.shop.stock.statements import STORES
from gateway.shop.stock.stores import Store, StoreId, store_key

Filter = Annotated[StockFilter | None, strawberry.argument(description="Only stock that matches it.")]
RestockFilter = Annotated[RestockRequestFilter | None, strawberry.argument(description="Only requests that match it.")]
Sort = Annotated[StockSort | None, strawberry.argument(description="The order of the list; by default, by SKU.")]


@strawberry.type
class StockQueries:
    """Queries about stores and their stock."""

    @resolved(
        "The store with this id; null when there is none.",
        One(f"{STORES} AS {{it}}", "{it}.store_id = {id} AND NOT {it}.deleted", {"id": store_key}),
    )
    async def store(self, info: Info[Context, None], id: StoreId) -> Store | None:
        """One store."""
        key = store_key(id)
        return info.context.object(Store, await info.context.loaders.stores.load(key)) if key else None

    @resolved("The stores, by their own ids.", STORE_PAGES)
    async def stores(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Store] | None:
        """A page of the stores."""
        page = Page.of_arguments(first, after, last, before)
        rows = await info.context.read_model.fetch(*lists.page_of_stores(page))
        return connection(Store, rows, STORE_KEYSET, page, lambda: info.context.count(lists.count_stores()))

    @resolved("The stock of all SKUs in all stores that matches `filter`.", STOCK_PAGES)
    async def stock(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Filter = None,
        sort: Sort = None,
    ) -> Connection[Stock] | None:
        """A page of the stock that matches."""
        page = Page.of_arguments(first, after, last, before)
        request = StockListRequest.of_arguments(filter, sort, page)
        rows = await info.context.read_model.fetch(*lists.page_of_stock(request))
        count = lists.count_stock(request.filter)
        return connection(Stock, rows, request.keyset, page, lambda: info.context.count(count))

    @resolved("The restock requests that match `filter`, the newest first.", RESTOCK_PAGES)
    async def restock_requests(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: RestockFilter = None,
    ) -> Connection[RestockRequest] | None:
        """A page of the restock requests that match."""
        page, chosen = Page.of_arguments(first, after, last, before), filter or RestockRequestFilter()
        rows = await info.context.read_model.fetch(*page_of_requests(chosen, page))
        count = count_requests(chosen)
        return connection(RestockRequest, rows, KEYSET, page, lambda: info.context.count(count))

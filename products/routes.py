"""Routes of the catalogue. The writes of a route are in its function `work`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.databases.mysql import Connection, Database, transact
from chassis.http.routing.paths import url_path
from chassis.openapi.responses import NOT_MODIFIED, patch_of, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfMatch, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import Once
from chassis.rest.merge_patch import Patch, apply_patch
from chassis.rest.responses import (
    WriteResponse,
    created_response,
    deleted_response,
    unless_unchanged,
    write_response,
)
from chassis.types.text import Query as Searched
from products import repository
from products.categories import tree
from products.categories.problems import UNKNOWN_CATEGORY
from products.finding import found_page
from products.listing import ListQuery
from products.models import (
    FoundProducts,
    NewProduct,
    Product,
    ProductInput,
    Products,
    Suggestion,
    Suggestions,
    ThisSku,
)
from products.problems import (
    LIST_GONE,
    PRODUCT_NOT_FOUND,
    SKU_TAKEN,
    changed_meanwhile,
    no_such_product,
    sku_taken,
)
from search.catalogue import ProductSearches

router = APIRouter(tags=["products"])


async def _searches(request: Request) -> ProductSearches:
    searches: ProductSearches = request.app.state.searches
    return searches


Searches = Annotated[ProductSearches, Depends(_searches)]


@router.post(
    "/products",
    status_code=201,
    response_model=Product,
    summary="Create a product",
    responses=problems(SKU_TAKEN, UNKNOWN_CATEGORY),
)
async def make_product(new: NewProduct, database: Db, once: Once) -> Response:
    """The SKU must not be in use."""

    async def work(tx: Connection) -> WriteResponse:
        product = await repository.insert_product(tx, new)
        return created_response("product", product.sku, product, url_path("products", product.sku))

    try:
        return await once.once(database, work)
    except repository.SkuTaken as error:
        raise sku_taken(new.sku) from error


@router.get(
    "/products",
    response_model=Products | FoundProducts,
    summary="List products, several by SKU, or search them",
    responses={**NOT_MODIFIED, **problems(LIST_GONE)},
)
async def list_products(database: Db, searches: Searches, query: ListQuery, wanted: pages.RequestedPage) -> Response:
    """With `sku`, in the requested order; with `text`, best matches first; otherwise all products that match.

    With `text`, `category`, `facets` or `totalCount` it is a search: all filters and sort orders are possible, new
    products appear after a moment, and all pages show the state of the first one. Other lists refuse combinations of
    filters that no index serves.

    With `updatedFrom` or `updatedBefore`, sorted by `updatedAt`. To keep a copy up to date, read from the largest
    `updatedAt` seen so far minus a few seconds, since a slow write may become visible after a later one.
    """
    query.check()
    if query.is_search:
        return await found_page(searches, query, wanted)
    after = wanted.after()
    if query.skus:
        return pages.list_response(await _by_sku(database, query.skus), wanted.if_none_match)
    plan = query.plan()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, repository.shown)


@router.get("/products/suggestions", summary="Suggest products for an incomplete text")
async def suggest_products(
    searches: Searches,
    text: Annotated[Searched, Query(description="The incomplete text.")],
    limit: Annotated[int, Query(ge=1, le=20, description="Maximum number of suggestions.")] = 10,
) -> Suggestions:
    """Product names with words that begin like the text (tolerates typos), or SKUs."""
    return Suggestions(items=[Suggestion(text=each.name, sku=each.sku) for each in await searches.suggest(text, limit)])


@router.get(
    "/products/{sku}",
    response_model=Product,
    summary="Get a product",
    responses={**NOT_MODIFIED, **problems(PRODUCT_NOT_FOUND)},
)
async def get_product(
    sku: ThisSku, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Product | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        product = await repository.find_product(connection, sku)
    if product is None:
        raise no_such_product(sku)
    return unless_unchanged(response, product, if_none_match)


@router.put(
    "/products/{sku}",
    response_model=Product,
    summary="Replace a product",
    responses=problems(PRODUCT_NOT_FOUND, UNKNOWN_CATEGORY),
)
async def replace_product(sku: ThisSku, new: ProductInput, database: Db, if_match: IfMatch = None) -> Response:
    """Members that are omitted are cleared. Requires `If-Match`."""
    return await _changed(database, sku, if_match, lambda _: new, may_move=True)


@router.patch(
    "/products/{sku}",
    response_model=Product,
    summary="Update a product",
    responses=problems(PRODUCT_NOT_FOUND, UNKNOWN_CATEGORY),
    openapi_extra=patch_of(ProductInput, {"price": "19.50", "unit": None}),
)
async def patch_product(sku: ThisSku, patch: Patch, database: Db, if_match: IfMatch = None) -> Response:
    """JSON merge patch (RFC 7396): null clears a member that may be null, a list is replaced. Requires `If-Match`."""
    may_move = "categories" in patch
    return await _changed(database, sku, if_match, lambda now: apply_patch(ProductInput, now, patch), may_move=may_move)


@router.delete("/products/{sku}", status_code=204, summary="Delete a product", responses=problems(PRODUCT_NOT_FOUND))
async def delete_product(sku: ThisSku, database: Db, if_match: IfMatch = None) -> Response:
    """The SKU can be used again. Requires `If-Match`."""

    async def work(tx: Connection) -> Response:
        await repository.lock_sku(tx, sku)
        product = await _to_change(tx, sku, if_match)
        if not await repository.delete_product(tx, product):
            raise changed_meanwhile()
        return deleted_response("product", sku, product.version)

    return await transact(database, work)


async def _by_sku(database: Database, skus: Sequence[str]) -> Products:
    async with database.reading() as connection:
        found = await repository.find_products(connection, skus)
    items = [found[sku] for sku in skus if sku in found]
    return Products(items=items, next_cursor=None, missing=[sku for sku in skus if sku not in found])


async def _changed(
    database: Database,
    sku: str,
    if_match: str | None,
    change: Callable[[Product], ProductInput],
    *,
    may_move: bool,
) -> Response:
    """The changed product. `may_move` if its categories may change, for which the tree is locked before the product."""

    async def work(tx: Connection) -> WriteResponse:
        if may_move:
            tree.lock_shared(tx)
        product = await _to_change(tx, sku, if_match)
        changed = await repository.update_product(tx, product, change(product))
        if changed is None:
            raise changed_meanwhile()
        return write_response("product", sku, changed)

    return (await transact(database, work)).response()


async def _to_change(tx: Connection, sku: str, if_match: str | None) -> Product:
    product = await repository.find_product(tx, sku, lock=True)
    if product is None:
        raise no_such_product(sku)
    check_if_match(if_match, product.version)
    return product

"""HTTP in, HTTP out: one function per route. A transaction is open only where it is in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from elasticsearch import AsyncElasticsearch
from fastapi import APIRouter, Depends, Query, Request, Response

from chassis import pages
from chassis.dependencies import Db, IfMatch, IfNoneMatch
from chassis.etags import check_if_match, is_unchanged
from chassis.merge_patch import Patch, patched
from chassis.mysql import Connection, Database
from chassis.openapi import NOT_MODIFIED, problems
from chassis.resources import gone, made, shown, unchanged, written
from chassis.text import Query as Searched
from products import repository, search
from products.models import NewProduct, Product, ProductInput, Products, Sku
from products.refusals import changed_meanwhile, no_such_product, sku_taken, text_or_skus

router = APIRouter(tags=["products"])


async def _search(request: Request) -> AsyncElasticsearch:
    elasticsearch: AsyncElasticsearch = request.app.state.search
    return elasticsearch


Search = Annotated[AsyncElasticsearch, Depends(_search)]


@router.post("/products", status_code=201, summary="Make a product", responses=problems(409, 422, 503))
async def make_product(new: NewProduct, database: Db, response: Response) -> Product:
    """The SKU must be free. `Location` says where the product is."""
    try:
        async with database.transaction() as tx:
            product = await repository.insert_product(tx, new)
    except repository.SkuTaken as error:
        raise sku_taken(new.sku) from error
    return made(response, "product", product.sku, product, f"/products/{product.sku}")


@router.get(
    "/products",
    response_model_exclude_unset=True,
    summary="List products, several by SKU, or search them",
    responses=problems(422, 503),
)
async def list_products(
    request: Request,
    response: Response,
    database: Db,
    elasticsearch: Search,
    sku: Annotated[list[Sku] | None, Query(max_length=100, description="Repeat for each SKU.")] = None,
    text: Annotated[Searched | None, Query(description="Words, spelt about right, or a SKU or its beginning.")] = None,
    limit: pages.Limit = 20,
    cursor: pages.Cursor = None,
) -> Products:
    """By `sku` in the order asked, by `text` the best first, otherwise all by SKU. What is new is found in a moment."""
    if sku and text is not None:
        raise text_or_skus()
    if sku:
        return await _by_sku(database, list(dict.fromkeys(sku)))
    if text is not None:
        hits = await search.find(elasticsearch, text, after=search.key_of(cursor), limit=limit + 1)
        ranked = pages.page(request, response, hits, limit, key=lambda hit: hit.key)
        return Products(items=[hit.product for hit in ranked.items], next_cursor=ranked.next_cursor)
    after = _sku_of(cursor)
    async with database.reading() as connection:
        found = await repository.list_products(connection, after=after, limit=limit + 1)
    listed = pages.page(request, response, found, limit, key=lambda product: [product.sku])
    return Products(items=listed.items, next_cursor=listed.next_cursor)


@router.get(
    "/products/{sku}",
    response_model=Product,
    summary="One product",
    responses={**NOT_MODIFIED, **problems(404, 422, 503)},
)
async def get_product(
    sku: Sku, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Product | Response:
    """With `If-None-Match`, 304 when the client has this version already."""
    async with database.reading() as connection:
        product = await repository.find_product(connection, sku)
    if product is None:
        raise no_such_product(sku)
    return unchanged(product) if is_unchanged(if_none_match, product.version) else shown(response, product)


@router.put("/products/{sku}", summary="Replace a product", responses=problems(404, 412, 422, 428, 503))
async def replace_product(
    sku: Sku, new: ProductInput, database: Db, response: Response, if_match: IfMatch = None
) -> Product:
    """What is left out is cleared. Needs `If-Match`."""
    product = await _changed(database, sku, if_match, lambda _: new)
    return written(response, "product", sku, product)


@router.patch("/products/{sku}", summary="Change some of a product", responses=problems(404, 412, 422, 428, 503))
async def patch_product(sku: Sku, patch: Patch, database: Db, response: Response, if_match: IfMatch = None) -> Product:
    """JSON merge patch (RFC 7396): null clears an optional member, a list is replaced whole. Needs `If-Match`."""
    product = await _changed(database, sku, if_match, lambda now: patched(ProductInput, now, patch))
    return written(response, "product", sku, product)


@router.delete(
    "/products/{sku}", status_code=204, summary="Remove a product", responses=problems(404, 412, 422, 428, 503)
)
async def delete_product(sku: Sku, database: Db, if_match: IfMatch = None) -> Response:
    """The SKU is free again. Needs `If-Match`."""
    async with database.transaction() as tx:
        await repository.lock_sku(tx, sku)
        product = await _to_change(tx, sku, if_match)
        if not await repository.delete_product(tx, product):
            raise changed_meanwhile()
    return gone("product", sku, product.version)


async def _by_sku(database: Database, skus: list[str]) -> Products:
    async with database.reading() as connection:
        found = await repository.find_products(connection, skus)
    items = [found[sku] for sku in skus if sku in found]
    return Products(items=items, next_cursor=None, missing=[sku for sku in skus if sku not in found])


async def _changed(
    database: Database, sku: str, if_match: str | None, change: Callable[[Product], ProductInput]
) -> Product:
    async with database.transaction() as tx:
        product = await _to_change(tx, sku, if_match)
        changed = await repository.update_product(tx, product, change(product))
    if changed is None:
        raise changed_meanwhile()
    return changed


async def _to_change(tx: Connection, sku: str, if_match: str | None) -> Product:
    product = await repository.find_product(tx, sku, lock=True)
    if product is None:
        raise no_such_product(sku)
    check_if_match(if_match, product.version)
    return product


def _sku_of(cursor: str | None) -> str:
    if cursor is None:
        return ""
    [sku] = pages.key_of(cursor, 1)
    if not isinstance(sku, str) or not sku.isascii():
        raise pages.invalid_cursor()
    return sku

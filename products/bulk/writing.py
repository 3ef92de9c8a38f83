"""Imports products: new ones are created, identical ones left as they are, others refused or replaced."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from chassis.bulk.bulk import LineResult, Outcome
from chassis.bulk.exported import member_pointer
from chassis.bulk.writing import write_together
from chassis.databases.mysql import Connection, Database, Row, transact
from chassis.http.errors.problems import Problem
from products.bulk import repository as bulk_repository
from products.bulk.models import ProductLine
from products.categories import copies, tree
from products.categories.problems import unknown_categories
from products.categories.tree import Nodes
from products.problems import product_differs, sku_taken
from products.repository import slugs_of


async def write_products(database: Database, products: Sequence[ProductLine], *, update: bool) -> list[Outcome]:
    """Write products in one transaction, or in a few if others write the same products. Raises Unavailable."""

    async def write(batch: Sequence[ProductLine]) -> Sequence[Outcome]:
        return await _write(database, batch, update=update)

    return await write_together(products, lambda product: product.sku, write)


async def _write(database: Database, products: Sequence[ProductLine], *, update: bool) -> list[Outcome]:
    async with database.reading() as connection:
        here = await bulk_repository.find_rows(connection, [product.sku for product in products])
    new = [product for product in products if product.sku not in here]
    other = [
        each for each in products if update and each.sku in here and bulk_repository.differing(here[each.sku], each)
    ]
    if not new and not other:
        return [_outcome(product, here, {}) for product in products]

    moved = [*new, *(each for each in other if slugs_of(here[each.sku]["categories"]) != each.categories)]

    async def make(tx: Connection) -> tuple[dict[str, Row], dict[str, int], dict[str, Problem]]:
        nodes, refused = await _categories(tx, moved)
        for product in other:
            if product.sku not in refused:
                await bulk_repository.update_product(tx, product, here[product.sku], nodes)
        to_make = [product for product in new if product.sku not in refused]
        if not to_make:
            return {}, {}, refused
        versions = await bulk_repository.begin_versions(tx, to_make)
        refused |= {product.sku: sku_taken(product.sku) for product in to_make if product.sku not in versions}
        if not versions:
            return {}, {}, refused
        made_concurrently = await bulk_repository.find_rows(tx, list(versions))
        to_make = [each for each in to_make if each.sku in versions and each.sku not in made_concurrently]
        if to_make:
            await bulk_repository.insert_products(tx, to_make, versions, nodes)
        return made_concurrently, versions, refused

    made_concurrently, versions, refused = await transact(database, make)
    updated = {product.sku for product in other}
    existing = here | made_concurrently
    return [
        refused[product.sku]
        if product.sku in refused
        else _outcome(product, existing, versions, product.sku in updated)
        for product in products
    ]


async def _categories(tx: Connection, products: Sequence[ProductLine]) -> tuple[Nodes, dict[str, Problem]]:
    """The categories of these products, locked, and the problem of each product whose categories do not exist."""
    slugs = {slug for product in products for slug in product.categories}
    if slugs:
        tree.lock_shared(tx)
    nodes = await tree.with_ancestors(tx, slugs)
    unknown = {each.sku: missing for each in products if (missing := copies.unknown_of(each.categories, nodes))}
    return nodes, {sku: unknown_categories(missing) for sku, missing in unknown.items()}


def _outcome(product: ProductLine, here: dict[str, Row], versions: dict[str, int], is_update: bool = False) -> Outcome:
    row = here.get(product.sku)
    if row is None:
        return LineResult(HTTPStatus.CREATED, {"sku": product.sku, "version": versions[product.sku]})
    if is_update:
        return LineResult(HTTPStatus.OK, {"sku": product.sku, "version": row["version"] + 1}, is_update=True)
    if columns := bulk_repository.differing(row, product):
        return product_differs(product.sku, [member_pointer(column) for column in columns])
    return LineResult(HTTPStatus.OK, {"sku": product.sku, "version": row["version"]})

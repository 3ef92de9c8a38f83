"""Imports products: new ones are created, identical ones left as they are, others refused or replaced."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from chassis.bulk.bulk import LineResult, Outcome
from chassis.bulk.exported import member_pointer
from chassis.bulk.writing import write_together
from chassis.databases.mysql import Connection, Database, Row, transact
from products.bulk import repository as bulk_repository
from products.bulk.models import ProductLine
from products.problems import product_differs


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

    async def make(tx: Connection) -> tuple[dict[str, Row], dict[str, int]]:
        for product in other:
            await bulk_repository.update_product(tx, product, here[product.sku]["version"])
        if not new:
            return {}, {}
        versions = await bulk_repository.begin_versions(tx, new)
        made_concurrently = await bulk_repository.find_rows(tx, list(versions))
        to_make = [product for product in new if product.sku not in made_concurrently]
        if to_make:
            await bulk_repository.insert_products(tx, to_make, versions)
        return made_concurrently, versions

    made_concurrently, versions = await transact(database, make)
    updated = {product.sku for product in other}
    return [_outcome(product, here | made_concurrently, versions, product.sku in updated) for product in products]


def _outcome(product: ProductLine, here: dict[str, Row], versions: dict[str, int], is_update: bool = False) -> Outcome:
    row = here.get(product.sku)
    if row is None:
        return LineResult(HTTPStatus.CREATED, {"sku": product.sku, "version": versions[product.sku]})
    if is_update:
        return LineResult(HTTPStatus.OK, {"sku": product.sku, "version": row["version"] + 1}, is_update=True)
    if columns := bulk_repository.differing(row, product):
        return product_differs(product.sku, [member_pointer(column) for column in columns])
    return LineResult(HTTPStatus.OK, {"sku": product.sku, "version": row["version"]})

"""Many products at once: those that are new are made, those that say the same are left, others are refused."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from chassis.bulk import Done, Outcome
from chassis.bulk_writing import write_together
from chassis.mysql import Connection, Database, Row, transact
from products import bulk_repository
from products.models import NewProduct
from products.refusals import sku_taken


async def write_products(database: Database, products: Sequence[NewProduct]) -> list[Outcome]:
    """Write them in one transaction, or in few when somebody else writes the same. Raises Unavailable."""

    async def write(batch: Sequence[NewProduct]) -> Sequence[Outcome]:
        return await _write(database, batch)

    return await write_together(products, lambda product: product.sku, write)


async def _write(database: Database, products: Sequence[NewProduct]) -> list[Outcome]:
    async with database.reading() as connection:
        here = await bulk_repository.find_rows(connection, [product.sku for product in products])
    new = [product for product in products if product.sku not in here]
    if not new:
        return [_outcome(product, here, {}) for product in products]

    async def make(tx: Connection) -> tuple[dict[str, Row], dict[str, int]]:
        versions = await bulk_repository.begin_versions(tx, [product.sku for product in new])
        made_meanwhile = await bulk_repository.find_rows(tx, list(versions))
        to_make = [product for product in new if product.sku not in made_meanwhile]
        if to_make:
            await bulk_repository.insert_products(tx, to_make, versions)
        return made_meanwhile, versions

    made_meanwhile, versions = await transact(database, make)
    return [_outcome(product, here | made_meanwhile, versions) for product in products]


def _outcome(product: NewProduct, here: dict[str, Row], versions: dict[str, int]) -> Outcome:
    row = here.get(product.sku)
    if row is None:
        return Done(HTTPStatus.CREATED, {"sku": product.sku, "version": versions[product.sku]})
    if bulk_repository.says_the_same(row, product):
        return Done(HTTPStatus.OK, {"sku": product.sku, "version": row["version"]})
    return sku_taken(product.sku)

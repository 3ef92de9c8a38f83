"""The versions of imported products, by what the database answers."""

from __future__ import annotations

from typing import Any, cast

from chassis.databases.mysql import Connection
from products.bulk.models import ExportedProduct
from products.bulk.repository import begin_versions
from products.examples import EXPORTED_PRODUCT


class Padding:
    """A database that takes SKUs for equal that differ in blanks at the end, as MySQL and MariaDB do."""

    async def execute(self, sql: str, parameters: Any) -> int:
        return 1

    async def fetch_all(self, sql: str, parameters: list[str]) -> list[dict[str, Any]]:
        return [{"sku": sku, "version": 1} for sku in {sku.rstrip() for sku in parameters}]


def exported(sku: str) -> ExportedProduct:
    return ExportedProduct.model_validate(EXPORTED_PRODUCT | {"sku": sku})


async def test_a_sku_that_the_database_takes_for_another_has_no_version() -> None:
    tx = cast(Connection, Padding())

    assert (await begin_versions(tx, [exported("A"), exported("A ")])).keys() == {"A"}
    assert await begin_versions(tx, [exported("A ")]) == {}

"""A row that a service makes under the key of one that a repair deleted is shown: it is above the deletion."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from chassis import settings
from chassis.databases.mysql import Database
from chassis.kafka import client as kafka
from contracts.products import SEARCH_INDEX
from contracts.rows import Row
from oms.prepare.mysql import RECONCILE, grant_repair
from reconciliation.comparing import compare
from reconciliation.databases import Databases
from reconciliation.repair import TableDifferences, repair
from reconciliation.rows import DifferenceKind
from reconciliation.tables import TABLES
from tests.support.bulk import bulk, lines
from tests.support.shop.builders import a_key
from tests.support.shop.rows import a_customer, an_address
from tests.support.shop.small_shop import a_product
from tests.support.views.both_sides import TOPICS, BothSides

HIGH = 7
EXPORTED = {"createdAt": "2020-01-31T12:00:00Z", "updatedAt": "2020-01-31T12:00:00Z", "version": 1}


async def repair_tables(databases: Databases, *names: str) -> set[DifferenceKind]:
    """Repair what differs, without waiting for views; what kinds of faults there were."""
    await grant_repair()
    writer = Database(settings.mysql(RECONCILE, "OMS_RECONCILE_DB_PASSWORD", None))
    faults = set()
    try:
        async with kafka.writer() as producer:
            for table in map(TABLES.__getitem__, names):
                source, views = databases.source(table), databases.views(table)
                differences = (await compare(table.name, source, views, 0)).differences
                faults |= {each.fault for each in differences}
                await repair([TableDifferences(table, source, views, differences)], writer, producer, 0.01)
    finally:
        await writer.close()
    return faults


async def invented_and_repaired(sides: BothSides, databases: Databases, rows: Sequence[Row]) -> None:
    """Rows that views have and MySQL has not, and their deletion by a repair, which the views have taken."""
    await sides.put_into_views(*rows)
    assert await repair_tables(databases, *(TOPICS[type(row)].name for row in rows)) == {DifferenceKind.UNEXPECTED}
    await sides.put_into_views(*(msgspec.structs.replace(row, is_deleted=True) for row in rows))


@pytest.mark.parametrize("path", ["/products", "/products/bulk"])
async def test_a_product_is_made_above_its_deletion(
    sides: BothSides, databases: Databases, products: httpx.AsyncClient, path: str
) -> None:
    tea = a_product(f"T-{uuid4().hex}", version=HIGH)
    await invented_and_repaired(sides, databases, [tea])

    body = {"sku": tea.sku, "name": "Tea", "price": "1.00", "currency": "USD"}
    if path == "/products":
        made = (await products.post(path, json=body, headers=a_key())).json()
    else:
        [made, _] = await bulk(products, path, lines([body]))

    assert made["version"] > HIGH + 1


async def test_a_customer_is_imported_above_the_deletion(
    sides: BothSides, databases: Databases, customers: httpx.AsyncClient
) -> None:
    maria = a_customer(version=HIGH)
    home = an_address(customer_id=maria.customer_id, version=HIGH)
    await invented_and_repaired(sides, databases, [maria, home])

    place = {"street": "Obere Str. 57", "city": "Berlin", "country": "DE", "exported": _exported(home.address_id)}
    person = {"name": "Ana", "lastName": "Trujillo", "email": f"{uuid4()}@example.com", "addresses": [place]}
    [made, _] = await bulk(customers, "/customers/bulk", lines([person | {"exported": _exported(maria.customer_id)}]))

    assert made["version"] == HIGH + 2
    assert (await customers.get(f"/addresses/{home.address_id}")).json()["version"] == HIGH + 2


@pytest.mark.parametrize("impossible", ["x" * 100, "Ä"])
async def test_rows_that_are_there_and_keys_that_no_row_can_have_are_not_noted(
    sides: BothSides, databases: Databases, impossible: str
) -> None:
    maria = a_customer()
    await sides.put_into_mysql(maria)
    body = {"sku": impossible, "name": "Ghost", "deleted": False}
    await sides.elasticsearch.index(index=SEARCH_INDEX, id=impossible, document=body, refresh=True)

    assert await repair_tables(databases, "customer", "products") == {DifferenceKind.MISSING, DifferenceKind.UNEXPECTED}

    async with databases.mysql.reading() as connection:
        [row] = await connection.fetch_all("SELECT version FROM customers.customer")
        noted = await connection.fetch_all(
            "SELECT id FROM customers.deleted_id WHERE id = %s", [str(maria.customer_id)]
        )
    assert (row["version"] > 1, list(noted)) == (True, [])


def _exported(own_id: UUID) -> dict[str, object]:
    return EXPORTED | {"id": str(own_id)}

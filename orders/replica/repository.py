"""The SQL of the replica: customers, addresses and products, so that placing an order calls no other service."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_upserts import write_newer
from contracts.customers import AddressRow, CustomerRow
from contracts.orders import DeliveryAddress
from contracts.products import ProductRow
from orders.replica.references import Address, Customer, LineRequest, Product, References

CUSTOMER_COLUMNS = ("customer_id", "active", "deleted", "version")
ADDRESS_COLUMNS = ("address_id", "customer_id", "details", "deleted", "version")
PRODUCT_COLUMNS = ("sku", "name", "price", "currency", "active", "deleted", "version")

# One statement for all references of an order. The customer is locked so that the worker cannot mark it as deleted
# concurrently: the order is either committed before the worker erases the customer's orders, or refused.
SELECT_REFERENCES = """
(SELECT 'customer' AS kind, customer_id AS id, NULL AS owner, NULL AS name, NULL AS price, NULL AS currency, active,
    NULL AS details
FROM replica_customer WHERE customer_id = %s AND NOT deleted LOCK IN SHARE MODE)
UNION ALL
(SELECT 'address', address_id, customer_id, NULL, NULL, NULL, NULL, details
FROM replica_address WHERE address_id IN ({addresses}) AND NOT deleted)
UNION ALL
(SELECT 'product', sku, NULL, name, price, currency, active, NULL
FROM replica_product WHERE sku IN ({products}) AND NOT deleted)
"""

_details = msgspec.json.Decoder(DeliveryAddress).decode


async def upsert_customers(tx: Connection, rows: Sequence[CustomerRow]) -> None:
    """Write the customers that are newer than the stored ones."""
    values = [(str(row.customer_id), row.active, row.is_deleted, row.newest_version) for row in rows]
    await write_newer(tx, "replica_customer", CUSTOMER_COLUMNS, values)


async def upsert_addresses(tx: Connection, rows: Sequence[AddressRow]) -> None:
    """Write the addresses that are newer than the stored ones. Deleted addresses keep no details."""
    values = [
        (str(row.address_id), str(row.customer_id), _address_json(row), row.is_deleted, row.newest_version)
        for row in rows
    ]
    await write_newer(tx, "replica_address", ADDRESS_COLUMNS, values)


async def upsert_products(tx: Connection, rows: Sequence[ProductRow]) -> None:
    """Write the products that are newer than the stored ones."""
    values = [
        (row.sku, row.name, row.price, row.currency, row.active, row.is_deleted, row.newest_version) for row in rows
    ]
    await write_newer(tx, "replica_product", PRODUCT_COLUMNS, values)


async def references(tx: Connection, customer_id: UUID, lines: Sequence[LineRequest]) -> References:
    """The references of an order that are known and not deleted. Locks the customer."""
    address_ids = list({str(line.delivery_address_id) for line in lines})
    skus = list({line.sku for line in lines})
    sql = SELECT_REFERENCES.format(addresses=placeholders(address_ids), products=placeholders(skus))
    found: dict[str, list[Row]] = {"customer": [], "address": [], "product": []}
    for row in await tx.fetch_all(sql, [str(customer_id), *address_ids, *skus]):
        found[row["kind"]].append(row)
    return References(
        customer=next((Customer(customer_id, bool(row["active"])) for row in found["customer"]), None),
        addresses={UUID(row["id"]): Address(UUID(row["owner"]), _details(row["details"])) for row in found["address"]},
        products={
            row["id"]: Product(row["id"], row["name"], row["price"], row["currency"], bool(row["active"]))
            for row in found["product"]
        },
    )


def _address_json(row: AddressRow) -> str | None:
    if row.is_deleted:
        return None
    details = {field: getattr(row, field) for field in DeliveryAddress.__struct_fields__}
    return msgspec.json.encode(details).decode()


async def is_empty(connection: Connection) -> bool:
    """Whether the replica is empty, so that all topics must be read from the beginning."""
    row = await connection.fetch_one("""
        SELECT NOT EXISTS (SELECT 1 FROM replica_customer) AND NOT EXISTS (SELECT 1 FROM replica_address)
            AND NOT EXISTS (SELECT 1 FROM replica_product) AS is_empty
    """)
    return row is not None and bool(row["is_empty"])

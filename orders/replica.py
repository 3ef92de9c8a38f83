"""All SQL of `orders` on its replica: what it knows of customers, addresses and products, so that it asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.mysql import Connection, placeholders
from contracts.customers import AddressRow, CustomerRow
from contracts.products import ProductRow
from orders.rules import AskedLine, Customer, Product, References

# VALUES() is the one spelling of "the row that could not be inserted" that both MySQL 8.4 and MariaDB take. Columns are
# set from left to right, so the version, which guards the others, comes last.

UPSERT_CUSTOMERS = """
INSERT INTO replica_customer (customer_id, active, deleted, version) VALUES (%s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    active = IF(version < VALUES(version), VALUES(active), active),
    deleted = IF(version < VALUES(version), VALUES(deleted), deleted),
    version = GREATEST(version, VALUES(version))
"""

UPSERT_ADDRESSES = """
INSERT INTO replica_address (address_id, customer_id, deleted, version) VALUES (%s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    customer_id = IF(version < VALUES(version), VALUES(customer_id), customer_id),
    deleted = IF(version < VALUES(version), VALUES(deleted), deleted),
    version = GREATEST(version, VALUES(version))
"""

UPSERT_PRODUCTS = """
INSERT INTO replica_product (sku, name, price, currency, active, deleted, version) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    name = IF(version < VALUES(version), VALUES(name), name),
    price = IF(version < VALUES(version), VALUES(price), price),
    currency = IF(version < VALUES(version), VALUES(currency), currency),
    active = IF(version < VALUES(version), VALUES(active), active),
    deleted = IF(version < VALUES(version), VALUES(deleted), deleted),
    version = GREATEST(version, VALUES(version))
"""


SELECT_CUSTOMER = "SELECT active FROM replica_customer WHERE customer_id = %s AND NOT deleted"

SELECT_ADDRESSES = "SELECT address_id, customer_id FROM replica_address WHERE address_id IN ({}) AND NOT deleted"

SELECT_PRODUCTS = "SELECT sku, name, price, currency, active FROM replica_product WHERE sku IN ({}) AND NOT deleted"


async def upsert_customers(tx: Connection, rows: Sequence[CustomerRow]) -> None:
    """Write the customers whose version is newer than the one here."""
    values = [(str(row.customer_id), row.active, row.is_deleted, row.newest_version) for row in rows]
    await tx.execute_many(UPSERT_CUSTOMERS, values)


async def upsert_addresses(tx: Connection, rows: Sequence[AddressRow]) -> None:
    """Write the addresses whose version is newer than the one here."""
    values = [(str(row.address_id), str(row.customer_id), row.is_deleted, row.newest_version) for row in rows]
    await tx.execute_many(UPSERT_ADDRESSES, values)


async def upsert_products(tx: Connection, rows: Sequence[ProductRow]) -> None:
    """Write the products whose version is newer than the one here."""
    await tx.execute_many(
        UPSERT_PRODUCTS,
        [(row.sku, row.name, row.price, row.currency, row.active, row.is_deleted, row.newest_version) for row in rows],
    )


async def references(connection: Connection, customer_id: UUID, lines: Sequence[AskedLine]) -> References:
    """What is known, and not deleted, of everything that an order refers to."""
    customer = await connection.fetch_one(SELECT_CUSTOMER, [str(customer_id)])
    address_ids = list({str(line.delivery_address_id) for line in lines})
    addresses = await connection.fetch_all(SELECT_ADDRESSES.format(placeholders(address_ids)), address_ids)
    skus = list({line.sku for line in lines})
    products = await connection.fetch_all(SELECT_PRODUCTS.format(placeholders(skus)), skus)
    return References(
        customer=Customer(customer_id, bool(customer["active"])) if customer else None,
        address_owners={UUID(row["address_id"]): UUID(row["customer_id"]) for row in addresses},
        products={
            row["sku"]: Product(row["sku"], row["name"], row["price"], row["currency"], bool(row["active"]))
            for row in products
        },
    )


async def is_empty(connection: Connection) -> bool:
    """Whether nothing is known of anything, so that all topics must be read from their start."""
    row = await connection.fetch_one("""
        SELECT NOT EXISTS (SELECT 1 FROM replica_customer) AND NOT EXISTS (SELECT 1 FROM replica_address)
            AND NOT EXISTS (SELECT 1 FROM replica_product) AS is_empty
    """)
    return row is not None and bool(row["is_empty"])

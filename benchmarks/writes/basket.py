"""The orders of this benchmark: three lines of one customer, all in the service's replica."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from chassis.databases.mysql import Database
from contracts.orders import DeliveryAddress

CUSTOMERS = [UUID(int=0x0193567A_6C00_7000_8000_000000000000 + number) for number in range(100)]
SKUS = [f"BENCH-{number}" for number in range(100)]
PRICE = Decimal("12.49")
TOTAL = "124.90"
"""The total of two lines of 4 and one of 4 at half the price."""

_INSERT_CUSTOMERS = "INSERT INTO replica_customer (customer_id, active, deleted, version) VALUES (%s, %s, %s, %s)"
_INSERT_ADDRESSES = """
INSERT INTO replica_address (address_id, customer_id, details, deleted, version) VALUES (%s, %s, %s, %s, %s)
"""
_INSERT_PRODUCTS = """
INSERT INTO replica_product (sku, name, price, currency, active, deleted, version) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def home(customer_id: UUID) -> UUID:
    """The id of a customer's only address."""
    return UUID(int=customer_id.int + 2**32)


def basket(number: int) -> dict[str, Any]:
    """The body of the order with this number."""
    customer_id = CUSTOMERS[number % len(CUSTOMERS)]
    lines = [
        {"sku": SKUS[(number + place) % len(SKUS)], "quantity": 4, "deliveryAddressId": str(home(customer_id))}
        for place in (0, 7, 31)
    ]
    lines[2] |= {"discount": "0.5"}
    return {"customerId": str(customer_id), "lines": lines}


async def stock_up(database: Database) -> None:
    """Insert the customers, their addresses and the products into the replica."""
    async with database.transaction() as tx:
        await tx.execute_many(_INSERT_CUSTOMERS, [(str(each), True, False, 1) for each in CUSTOMERS])
        await tx.execute_many(
            _INSERT_ADDRESSES, [(str(home(each)), str(each), _details(home(each)), False, 1) for each in CUSTOMERS]
        )
        await tx.execute_many(_INSERT_PRODUCTS, [(sku, f"Thing {sku}", PRICE, "USD", True, False, 1) for sku in SKUS])


def _details(address_id: UUID) -> str:
    said = dict.fromkeys(DeliveryAddress.__struct_fields__)
    return msgspec.json.encode(
        {**said, "address_id": address_id, "street": "Obere Str.", "number": "57", "city": "Berlin", "country": "DE"}
    ).decode()

"""A shop for comparing the two paths of the gateway, and how one operation is run through both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from graphql import OperationDefinitionNode, parse
from strawberry.types import ExecutionResult

from chassis.databases.postgres import Database
from contracts.orders import DeliveryAddress
from gateway.compiled.fetch import run
from gateway.compiled.plans import Plans
from gateway.compiled.statements import Query
from gateway.compiled.text import BROKEN
from gateway.schema import schema
from gateway.shop.context import Context
from gateway.shop.loaders import Loaders
from search.catalogue import ProductSearches
from tests.support.read_model import ReadModel

NOON = datetime(1996, 7, 4, 12, tzinfo=UTC)
NOWHERE: dict[str, Any] = dict.fromkeys(DeliveryAddress.__struct_fields__)
ODD_TEXT = 'O\'Neill "Ünï\\cødé" \u2028 \x7f ☃ 🛒\t</script>'


@dataclass
class Shop:
    """The ids of what is in the read model."""

    customers: list[UUID]
    addresses: list[UUID]
    orders: list[UUID]
    skus: list[str]


async def shop(rows: ReadModel) -> Shop:
    """Customers, products and orders with everything that is written in an odd way: text, times, money, nulls."""
    customers = await rows.customers(
        {"name": ODD_TEXT, "phone": "+51 1", "company": None, "created_at": "2026-01-01T00:00:00.5Z"},
        {
            "name": "Ána",
            "email": "Ana@Example.com",
            "created_at": "2026-01-02T00:00:00.000001Z",
            "updated_at": NOON,
            "version": 7,
        },
        {"deleted": True},
        {"name": "Nobody", "active": False, "created_at": "0001-01-01T00:00:00Z"},
    )
    addresses = await rows.addresses(
        {"customer_id": customers[0], "latitude": "-12.046374", "longitude": "0.000001", "reference": ODD_TEXT},
        {"customer_id": customers[0], "city": "Arica", "created_at": "2025-01-01T00:00:00Z"},
        {"customer_id": customers[1], "deleted": True},
    )
    skus = ["CHAI", "Ñ-1", "YEN", "GONE", 'A"B']
    drinks = {"slug": "drinks", "name": "Drinks", "path": ["drinks"]}
    hot = {"slug": "hot", "name": ODD_TEXT, "path": ["drinks", "hot"]}
    gone, unknown = {"slug": "gone", "name": "Gone", "path": ["gone"]}, {"slug": "x", "name": "X", "path": ["x"]}
    tree = [hot, unknown, drinks, gone]
    await rows.categories(
        {"slug": "drinks", "name": "Drinks", "description": None, "position": 1},
        {"slug": "hot", "name": ODD_TEXT, "description": "hot & cold", "parent_slug": "drinks", "position": 7},
        {"slug": "cold", "name": "Cold", "parent_slug": "drinks", "position": 7, "version": 3},
        {"slug": "iced-tea", "name": "Iced tea", "parent_slug": "cold"},
        {"slug": "first", "name": "First"},
        {"slug": "orphan", "name": "Orphan", "parent_slug": "not-here-yet"},
        {"slug": "gone", "name": "Gone", "deleted": True},
    )
    await rows.products(
        {"sku": skus[0], "categories": tree, "description": ODD_TEXT, "length": "1.500"},
        {"sku": skus[1], "price": "0.0050"},
        {"sku": skus[2], "price": "440.5000", "currency": "JPY"},
        {"sku": skus[3], "deleted": True},
        {"sku": skus[4], "price": "1.2345", "currency": "BHD", "active": False},
    )
    return Shop(customers, addresses, await _orders(rows, customers, addresses, skus), skus)


async def _orders(rows: ReadModel, customers: list[UUID], addresses: list[UUID], skus: list[str]) -> list[UUID]:
    home = NOWHERE | {"address_id": str(addresses[0]), "street": ODD_TEXT, "city": "Lima", "country": "PE"}
    erased = NOWHERE | {"address_id": str(addresses[1]), "city": "Arica", "country": "CL", "latitude": "-18.478518"}
    changes = [
        {
            "customer_id": customers[number % 4],
            "placed_at": NOON + timedelta(microseconds=(number // 3) * 100_250),
            "status": ("placed", "shipped", "cancelled")[number % 3],
            "currency": ("USD", "JPY", "BHD")[number % 3],
            "subtotal": f"{number % 5}.{number:02}50",
            "cancellation_reason": ODD_TEXT if number % 3 == 2 else None,
            "required_at": NOON if number % 2 else None,
            "delivery_addresses": ([home, erased], [home], [])[number % 3],
            "deleted": number == 20,
            "number": 1000 + number if number % 4 else None,
            "external_id": str(number),
            "source": ("erp", "", "shop")[number % 3],
            "confirmed_at": NOON + timedelta(hours=number % 5) if number % 2 else None,
            "shipped_at": NOON + timedelta(hours=3) if number % 3 else None,
            "cancelled_at": NOON + timedelta(hours=3, microseconds=50) if number % 3 == 2 else None,
            "updated_at": NOON + timedelta(hours=number // 2),
        }
        for number in range(24)
    ]
    orders = await rows.orders(*changes)
    for number in range(4):
        line = {
            "line_number": 4 - number,
            "sku": skus[number],
            "discount": ("0.0000", "0.1500", "1.0000", "0.1000")[number],
            "delivery_address_id": addresses[number % 3],
            "deleted": number == 2,
        }
        await rows.lines(*({**line, "order_id": order, "order_line_id": uuid4()} for order in orders))
    return orders


class BothPaths:
    """Runs operations through the executor and through compiled statements, on the same read model."""

    def __init__(self, read_model: Database) -> None:
        self._read_model = read_model
        self._search = ProductSearches()

    async def executed(self, query: str, variables: dict[str, Any]) -> ExecutionResult:
        """What Strawberry answers."""
        context = Context(self._read_model, self._search, Loaders(self._read_model))
        return await schema.execute(query, variables, context)  # type: ignore[no-any-return, unused-ignore]

    async def compiled(self, query: str, variables: dict[str, Any]) -> Any:
        """The `data` that the compiled statement answers; None when there is none, or it leaves it to the executor."""
        found = self.query(query, variables)
        if found is None:
            return None
        answer = await run(self._read_model, found)
        return None if BROKEN.encode() in answer else orjson.loads(answer)

    def query(self, query: str, variables: dict[str, Any]) -> Query | None:
        """The statements that it compiles to."""
        document = parse(query)
        [operation] = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        return Plans(schema._schema, document, operation).query(variables)

    async def close(self) -> None:
        """Close what is open."""
        await self._search.close()
        await self._read_model.close()

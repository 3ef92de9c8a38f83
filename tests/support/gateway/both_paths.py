"""A shop for comparing the two paths of the gateway, and how one operation is run through both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

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
from tests.support.views.read_model import ReadModel

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
    shipments: list[UUID]
    returns: list[UUID]


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
    skus = ["CHAI", "Ñ-1", "YEN", "GONE", 'A"B', "lima/A\\B"]
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
        {"sku": skus[5]},
    )
    await _stock(rows, skus)
    await rows.depots(
        {"depot": "main", "vans": [ODD_TEXT, "b"]}, {"depot": "lima", "vans": []}, {"depot": "gone", "deleted": True}
    )
    orders = await _orders(rows, customers, addresses, skus)
    shipments = await _shipments(rows, customers, addresses, orders, skus)
    returns = await _returns(rows, customers, orders, shipments, skus)
    return Shop(customers, addresses, orders, skus, shipments, returns)


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
        await rows.lines(*({**line, "order_id": order, "order_line_id": line_id(order, number)} for order in orders))
    await rows.sourcings(*(_sourcing(order, number) for number, order in enumerate(orders) if number % 4))
    return orders


async def _shipments(
    rows: ReadModel, customers: list[UUID], addresses: list[UUID], orders: list[UUID], skus: list[str]
) -> list[UUID]:
    """Shipments of most orders, several of some, in statuses of which one is unknown; one is of no order here."""
    statuses = ("delivered", "dispatched", "planned", "cancelled", "returned", "failed", "beamed", "recalled")
    return await rows.shipments(
        *(
            {
                "order_id": uuid5(UUID(int=0), "none") if number == 5 else orders[(number * number) % 17],
                "customer_id": customers[number % 4],
                "status": statuses[(number * 3) % 8],
                "location": ("seattle", "main", "lima", "gone")[number % 4],
                "delivery_address_id": addresses[number % 3],
                "lines": [_shipped(skus[(number + line) % 6], line + 1) for line in range(number % 4)],
                "parcels": [_parcel(number + parcel) for parcel in range(number % 3)],
                "tracking": [_report(number, report) for report in range(0, number * 2)],
                "carrier": "dhl" if number % 2 else None,
                "reason": "recipient-absent" if number % 5 == 1 else None,
                "received_by": ODD_TEXT if number % 3 == 1 else None,
                "planned_at": NOON + timedelta(microseconds=(number // 3) * 100_250),
                "delivered_at": NOON if number % 8 == 0 else None,
                "attempts": number,
                "version": number + 1,
                "deleted": number == 9,
                **(_window(number) if number % 3 == 1 else {}),
            }
            for number in range(30)
        )
    )


async def _returns(
    rows: ReadModel, customers: list[UUID], orders: list[UUID], shipments: list[UUID], skus: list[str]
) -> list[UUID]:
    """Returns of many orders, in statuses and with an origin of which one is unknown; some have refunds."""
    statuses = ("requested", "received", "refunded", "refund_approved", "beamed", "authorised", "cancelled", "refused")
    return await rows.returns(
        *(
            {
                "order_id": orders[(number * number) % 17],
                "customer_id": customers[number % 4],
                "status": statuses[number % 8],
                "origin": ("delivered", "delivered", "returned_to_sender", "found")[number % 4],
                "shipment_id": shipments[number] if number % 4 == 2 else None,
                "rma_number": ODD_TEXT if number % 3 else None,
                "location": ("seattle", None)[number % 2],
                "reason": "too-late" if number % 5 == 1 else None,
                "lines": [_returned(skus[(number + line) % 6], line, number) for line in range(number % 4)],
                "refund_amount": f"{number}.5050" if number % 3 == 2 else None,
                "refund_freight": "0.0000" if number % 3 == 2 else None,
                "currency": ("USD", "JPY", "BHD")[number % 3 - number % 2] if number % 3 == 2 else None,
                "refund_reference": ODD_TEXT if number % 3 == 2 else None,
                "requested_at": NOON + timedelta(microseconds=(number // 3) * 100_250),
                "refunded_at": NOON if number % 8 == 2 else None,
                "version": number + 1,
                "deleted": number == 9,
            }
            for number in range(26)
        )
    )


def _returned(sku: str, line: int, number: int) -> dict[str, Any]:
    known = number % 3
    return {
        "sku": sku, "amount": f"{line}.50" if known == 2 else None, "reason": ODD_TEXT, "quantity": 9,
        "damaged": line if known else None, "sellable": number if known else None, "line_number": line,
        "order_line_id": str(uuid5(UUID(int=0), sku)),
    }  # fmt: skip


def _window(number: int) -> dict[str, Any]:
    return {
        "depot": ("main", "lima", "nowhere")[number // 3 % 3],
        "delivery_date": ("2026-02-02", "2026-02-03")[number // 9 % 2],
        "van": ("b", "B", "é")[number % 4 % 3],
        "window_from": NOON + timedelta(hours=number % 2),
        "window_to": NOON + timedelta(hours=number % 2, microseconds=120_500),
        "window_zone": "Europe/Berlin",
    }


def _shipped(sku: str, quantity: int) -> dict[str, Any]:
    id = uuid5(UUID(int=0), sku)
    return {"sku": sku, "quantity": quantity, "line_number": quantity, "order_line_id": str(id)}


def _parcel(number: int) -> dict[str, Any]:
    return {
        "weight": ("1.250", None, "0.1")[number % 3],
        "carrier": ("dhl", "ups", "by hand", None)[number % 4],
        "parcel_id": str(number),
        "tracking_number": ("JD-0146", "1Z 999", ODD_TEXT, "é1", None)[number % 5],
    }


def _report(shipment: int, number: int) -> dict[str, Any]:
    return {
        "at": ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00.120500Z", "2026-11-24T10:00:00+01:00")[number % 3],
        "city": (ODD_TEXT, None)[number % 2],
        "code": ("in_transit", "delivered", "teleported")[number % 3],
        "country": ("DE", None)[number % 2],
        "event_id": f"{shipment}-{number}",
        "parcel_id": (None, "1")[number % 2],
    }


def line_id(order_id: UUID, number: int) -> UUID:
    """The id of an order's line."""
    return uuid5(order_id, str(number))


def _sourcing(order_id: UUID, number: int) -> dict[str, Any]:
    """A sourcing; of its lines one is deleted, one is not the order's. Some states are unknown to the schema."""
    states = ("committed", "asked", "beamed", "short")
    stores = ("seattle", "lima", "lima-2", "gone", "nowhere")
    lines = [
        {
            "order_line_id": str(line_id(order_id, line)),
            "sku": 'A"B',
            "quantity": line,
            "backordered": number % 2,
            "parts": [
                {
                    "store_id": stores[(number + part) % 5],
                    "quantity": part + 1,
                    "state": states[(number + part) % 4],
                    "reservation_id": str(line_id(order_id, 100 + part)),
                }
                for part in range(line % 3)
            ],
        }
        for line in (4, 1, 2, 9)
    ]
    return {
        "order_id": order_id,
        "status": ("committed", "refused", "backordered", "released")[number % 4],
        "reason": ODD_TEXT if number % 4 == 1 else None,
        "lines": lines[: number % 5],
        "version": number,
        "deleted": number == 7,
    }


async def _stock(rows: ReadModel, skus: list[str]) -> None:
    """Stores, one of them never reported, one that does not sell online, and products in none, one and many of them."""
    now = datetime.now(UTC)
    await rows.stores(
        {"store_id": "seattle", "fresh_until": now + timedelta(hours=1), "latitude": "47.606200"},
        {"store_id": "lima", "name": ODD_TEXT, "fresh_until": NOON, "region": "Lima", "priority": 3},
        {"store_id": "lima-2", "fresh_until": now + timedelta(hours=2), "kind": "warehouse"},
        {"store_id": "new", "fresh_until": None, "city": None, "version": 7},
        {"store_id": "depot", "fresh_until": now + timedelta(hours=1), "sells_online": False},
        {"store_id": "gone", "deleted": True},
    )
    await rows.stock(
        {"store_id": "seattle", "sku": skus[0], "on_hand": 12, "committed": 2, "reserved": 1, "reorder_at": 20},
        {"store_id": "lima", "sku": skus[0], "on_hand": 7, "unsellable": 1, "safety_margin": 3, "reorder_at": 2},
        {"store_id": "lima-2", "sku": skus[0], "on_hand": 1, "reserved": 3, "reorder_at": 5, "reorder_to": 9},
        {"store_id": "depot", "sku": skus[0], "on_hand": 2**31 - 1},
        {"store_id": "seattle", "sku": skus[1], "on_hand": 3, "safety_margin": 2, "reorder_at": 3, "incoming": 1},
        {"store_id": "lima-2", "sku": skus[1], "on_hand": 3, "safety_margin": 2, "reorder_at": 3},
        {"store_id": "new", "sku": skus[2], "on_hand": 2**31 - 1},
        {"store_id": "seattle", "sku": skus[2], "on_hand": 2**31 - 1, "safety_margin": 5, "updated_at": NOON},
        {"store_id": "unknown", "sku": skus[2], "on_hand": 4},
        {"store_id": "depot", "sku": skus[4]},
        {"store_id": "seattle", "sku": skus[4], "on_hand": 2**31 - 1, "deleted": True},
        {"store_id": "seattle", "sku": skus[5], "on_hand": 0, "safety_margin": 2**31 - 1, "reserved": 2**31 - 1},
        {"store_id": "lima", "sku": skus[5], "on_hand": 5, "safety_margin": 5, "version": 9},
        {"store_id": "lima", "sku": "not-a-product", "on_hand": 5},
    )
    await rows.restocks(
        {"store_id": "seattle", "sku": skus[0], "requested_at": NOON, "status": "manufacturing"},
        {"store_id": "lima", "sku": skus[0], "requested_at": NOON, "status": "of a later version"},
        {"store_id": "lima", "sku": skus[5], "status": "received", "added": 28, "refused": 2, "received_at": NOON},
        {"store_id": "nowhere", "sku": "not-a-product", "status": "completed", "version": 3},
        {"store_id": "lima", "sku": skus[4], "requested_at": NOON + timedelta(microseconds=1), "status": "accepted"},
        {"store_id": "seattle", "sku": skus[1], "deleted": True},
    )
    await rows.policies(
        {"policy_id": "*/*", "backorders": "yes"},
        {"policy_id": f"*/{skus[4]}", "backorders": "limit", "backorder_limit": 1, "lead_time_days": 14},
        {"policy_id": f"*/{skus[1]}", "backorders": "no"},
    )


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

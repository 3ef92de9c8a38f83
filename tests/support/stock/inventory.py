"""Central's stock as a test wants it, and clients that reserve it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from contracts.stores import stock_id
from tests.support.by_hand import by_hand, rows_by_hand

Body = dict[str, Any]

SEATTLE = "seattle"


async def put_store(store_id: str = SEATTLE, **changes: Any) -> None:
    """A store, heard of just now."""
    row: Body = {"store_id": store_id, "name": store_id.title(), "kind": "shop", "country": "US", "priority": 0,
                 "sells_online": True, "version": 1} | changes  # fmt: skip
    await by_hand(
        "inventory",
        f"REPLACE INTO store ({', '.join(row)}, fresh_until, created_at, updated_at)"
        f" VALUES ({', '.join(['%s'] * len(row))}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))",
        list(row.values()),
    )


async def put_stock(sku: str, units: int, store_id: str = SEATTLE, *, safety_margin: int = 0, **changes: Any) -> str:
    """Units of a SKU in a store, of which nobody has any. Returns the stock's id."""
    row: Body = {"stock_id": stock_id(store_id, sku), "store_id": store_id, "sku": sku, "on_hand": units,
                 "unsellable": 0, "committed": 0, "reserved": 0, "safety_margin": safety_margin, "stock_version": 1,
                 "version": 1} | changes  # fmt: skip
    await by_hand(
        "inventory",
        f"REPLACE INTO availability ({', '.join(row)}, updated_at)"
        f" VALUES ({', '.join(['%s'] * len(row))}, UTC_TIMESTAMP(3))",
        list(row.values()),
    )
    return str(row["stock_id"])


async def put_product(sku: str) -> None:
    """A product that was never in stock."""
    await by_hand("inventory", "REPLACE INTO replica_product VALUES (%s, TRUE, FALSE, 1)", [sku])


async def availability(sku: str, store_id: str = SEATTLE) -> Body:
    """The row."""
    [row] = await rows_by_hand("inventory", "SELECT * FROM availability WHERE stock_id = %s", [stock_id(store_id, sku)])
    return row


async def reservations(sku: str) -> list[Body]:
    """The rows of a SKU, the first line first."""
    return await rows_by_hand("inventory", "SELECT * FROM reservation WHERE sku = %s ORDER BY quantity", [sku])


async def reserve(http: httpx.AsyncClient, *lines: tuple[str, int], key: str | None = None, **members: Any) -> Any:
    """POST /reservations under a key, a new one unless told otherwise."""
    body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines]} | members
    return await http.post("/reservations", json=body, headers={"Idempotency-Key": key or str(uuid4())})


async def reserved(http: httpx.AsyncClient, *lines: tuple[str, int], **members: Any) -> Body:
    """A reservation that was made."""
    answer = await reserve(http, *lines, **members)
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


async def check_units(sku: str, store_id: str = SEATTLE) -> None:
    """What is reserved is the sum of what is held or asked."""
    row = await availability(sku, store_id)
    held = sum(each["quantity"] for each in await reservations(sku) if each["state"] in ("held", "asked"))
    assert row["reserved"] == held, (row, held)

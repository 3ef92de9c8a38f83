"""A store inside the process of the test, and what tills, back rooms and orders do with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.inventory.restocks import InboundReason, InboundRow
from contracts.stores import stock_id
from stores import api, store
from tests.support.apps import running
from tests.support.by_hand import rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.rows import NOON

STORE = "seattle"
DATABASE = "store_seattle"
PATH = f"/stores/{STORE}"


class Till:
    """A client of the store. Each command has a new key, unless told otherwise."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def move(self, sku: str, delta: int, *, key: str | None = None, **members: Any) -> httpx.Response:
        body = {"sku": sku, "delta": delta, "reason": "received" if delta > 0 else "sold", **members}
        return await self.http.post(f"{PATH}/stock-movements", json=body, headers=_key(key))

    async def count(self, sku: str, counted: int, counted_at: int) -> httpx.Response:
        body = {"sku": sku, "counted": counted, "countedAt": counted_at}
        return await self.http.post(f"{PATH}/stock-counts", json=body)

    async def report_shortage(self, allocation_id: UUID, quantity: int, reason: str = "missing") -> httpx.Response:
        path = f"{PATH}/allocations/{allocation_id}/short"
        return await self.http.post(path, json={"quantity": quantity, "reason": reason}, headers=_key(None))

    async def send_lines(self, *told: dict[str, Any]) -> list[dict[str, Any]]:
        """The results of a bulk request."""
        content = b"".join(orjson.dumps(each) + b"\n" for each in told)
        headers = {"Content-Type": "application/x-ndjson", "X-Client-Id": "till-3"}
        answer = await self.http.post(f"{PATH}/stock-movements/bulk", content=content, headers=headers)
        return [orjson.loads(line) for line in answer.content.splitlines()]

    async def units(self, sku: str) -> tuple[int, int, int]:
        """On hand, unsellable, committed."""
        [row] = await rows_by_hand(DATABASE, "SELECT * FROM stock WHERE stock_id = %s", [stock_id(STORE, sku)])
        return row["on_hand"], row["unsellable"], row["committed"]


def _key(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


@asynccontextmanager
async def open_store(monkeypatch: pytest.MonkeyPatch, *, reads: bool = True) -> AsyncIterator[Till]:
    """The store, with its reader of reservations unless told otherwise.

    Sales of one SKU wait for each other, on a busy machine for longer than a till would.
    """
    monkeypatch.setenv("OMS_STORE_ID", STORE)
    monkeypatch.setenv("OMS_MYSQL_WAIT_TIMEOUT_S", "60")
    async with running(store.app() if reads else api.app()) as http:
        yield Till(http)


def new_sku() -> str:
    """A SKU that no other test has: old reservations stay on the topic."""
    return f"ä/{uuid4()}"


def reservation(
    sku: str,
    quantity: int = 1,
    wanted: Wanted = Wanted.COMMIT,
    version: int = 1,
    *,
    reservation_id: UUID | None = None,
    store_id: str = STORE,
    is_deleted: bool = False,
    dispatched: int = 0,
) -> ReservationRow:
    """A reservation of this store."""
    return ReservationRow(
        reservation_id=reservation_id or uuid4(),
        order_id=uuid4(),
        stock_id=stock_id(store_id, sku),
        store_id=store_id,
        sku=sku,
        quantity=quantity,
        attempt=1,
        wanted=wanted.value,
        state=ReservationState.ASKED.value,
        dispatched=dispatched,
        version=version,
        is_deleted=is_deleted,
    )


def inbound(
    sku: str,
    quantity: int,
    reason: InboundReason = InboundReason.RESTOCK,
    *,
    store_id: str = STORE,
    unsellable: int = 0,
    backordered: int = 0,
    is_deleted: bool = False,
) -> InboundRow:
    """Units on their way to this store."""
    return InboundRow(
        inbound_id=uuid4(),
        stock_id=stock_id(store_id, sku),
        store_id=store_id,
        sku=sku,
        quantity=quantity,
        unsellable=unsellable,
        backordered=backordered,
        reason=reason.value,
        sent_at=NOON,
        version=1,
        is_deleted=is_deleted,
    )


async def receipts(sku: str) -> list[dict[str, Any]]:
    """The receipts of a SKU, in the sequence of their booking."""
    sql = "SELECT * FROM receipt WHERE stock_id = %s ORDER BY stock_version"
    return await rows_by_hand(DATABASE, sql, [stock_id(STORE, sku)])


async def booked(inbound_id: UUID) -> dict[str, Any]:
    """The receipt of an inbound, once there is one."""

    async def is_booked() -> dict[str, Any]:
        rows = await rows_by_hand(DATABASE, "SELECT * FROM receipt WHERE inbound_id = %s", [str(inbound_id)])
        assert rows
        return rows[0]

    found: dict[str, Any] = await eventually(is_booked)
    return found


async def allocation(reservation_id: UUID) -> dict[str, Any] | None:
    """The answer to a reservation, if there is one."""
    sql = "SELECT * FROM allocation WHERE allocation_id = %s"
    rows = await rows_by_hand(DATABASE, sql, [str(reservation_id)])
    return rows[0] if rows else None


async def answered(reservation_id: UUID, version: int = 1) -> dict[str, Any]:
    """The answer to this version of a reservation, once there is one."""

    async def is_answered() -> dict[str, Any]:
        found = await allocation(reservation_id)
        assert found is not None
        assert found["reservation_version"] >= version
        return found

    found: dict[str, Any] = await eventually(is_answered)
    return found


async def check_books(sku: str) -> None:
    """The stock is what its ledger and its allocations say, in every version."""
    key = [stock_id(STORE, sku)]
    [stock] = await rows_by_hand(DATABASE, "SELECT * FROM stock WHERE stock_id = %s", key)
    moved = await rows_by_hand(DATABASE, "SELECT * FROM stock_movement WHERE stock_id = %s ORDER BY sequence", key)
    committed = await rows_by_hand(
        DATABASE, "SELECT quantity FROM allocation WHERE stock_id = %s AND state = 'committed'", key
    )
    assert [row["sequence"] for row in moved] == list(range(1, stock["movements"] + 1))
    on_hand = unsellable = 0
    for row in moved:
        on_hand, unsellable = on_hand + row["delta"], unsellable + row["unsellable_delta"]
        assert (row["on_hand_after"], row["unsellable_after"]) == (on_hand, unsellable)
    assert (stock["on_hand"], stock["unsellable"]) == (on_hand, unsellable)
    assert stock["committed"] == sum(row["quantity"] for row in committed)
    assert stock["delivered"] == sum(row["quantity"] for row in await receipts(sku))

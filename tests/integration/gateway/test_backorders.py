"""Which products GraphQL says can be back-ordered, and when their units are expected: as `inventory` decides orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel, Row

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SKU = 'a"b é/1'
OF_SKU, OF_ALL = f"*/{SKU}", "*/*"
YES: Row = {"policy_id": OF_SKU, "backorders": "yes"}
FIVE: Row = {"policy_id": OF_SKU, "backorders": "limit", "backorder_limit": 5}
AVAILABILITY = "availability { status available expectedAt }"


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    await read_model.stores({"store_id": "seattle", "fresh_until": NOON}, {"store_id": "lima", "fresh_until": NOON})
    await read_model.products({"sku": SKU})
    async with running(app()) as http:
        yield http


async def shown(client: httpx.AsyncClient) -> Row:
    answer = await ask(client, f"query ($sku: String!) {{ product(sku: $sku) {{ {AVAILABILITY} }} }}", sku=SKU)
    found: Row = answer["product"]["availability"]
    return found


@pytest.mark.parametrize(
    ("policies", "status"),
    [
        ([], "OUT_OF_STOCK"),
        ([YES], "BACKORDER"),
        ([{"policy_id": OF_ALL, "backorders": "yes"}], "BACKORDER"),
        ([{"policy_id": OF_ALL, "backorders": "yes"}, {"policy_id": OF_SKU, "backorders": "no"}], "OUT_OF_STOCK"),
        ([{"policy_id": OF_ALL, "backorders": "no"}, YES], "BACKORDER"),
        ([{"policy_id": f"seattle/{SKU}", "backorders": "yes"}], "OUT_OF_STOCK"),
        ([{"policy_id": "*/other", "backorders": "yes"}], "OUT_OF_STOCK"),
        ([YES | {"deleted": True}], "OUT_OF_STOCK"),
        ([YES | {"backorders": "of a later version"}], "OUT_OF_STOCK"),
    ],
)
async def test_the_policy_for_all_stores_decides(
    client: httpx.AsyncClient, read_model: ReadModel, policies: list[Row], status: str
) -> None:
    await read_model.policies(*policies)

    assert await shown(client) == {"status": status, "available": 0, "expectedAt": None}


@pytest.mark.parametrize("stock", [{"on_hand": 0}, {"on_hand": 1, "reorder_at": 5}, {"on_hand": 9}, None])
@pytest.mark.parametrize(
    ("policies", "is_untracked"),
    [
        ([{"policy_id": OF_SKU, "tracked": False}], True),
        ([{"policy_id": OF_SKU, "tracked": False, "backorders": "yes", "lead_time_days": 3}], True),
        ([{"policy_id": OF_ALL, "tracked": False}], True),
        ([{"policy_id": OF_ALL, "tracked": False}, {"policy_id": OF_SKU, "tracked": True}], False),
        ([{"policy_id": f"seattle/{SKU}", "tracked": False}], False),
        ([{"policy_id": OF_SKU, "tracked": False, "deleted": True}], False),
    ],
)
async def test_a_product_whose_units_are_not_tracked_is_in_stock(
    client: httpx.AsyncClient, read_model: ReadModel, policies: list[Row], stock: Row | None, *, is_untracked: bool
) -> None:
    await read_model.policies(*policies)
    if stock:
        await read_model.stock({"store_id": "seattle", "sku": SKU, **stock})

    found = await shown(client)

    tracked = "OUT_OF_STOCK" if not stock or not stock["on_hand"] else "LOW" if "reorder_at" in stock else "IN_STOCK"
    assert (found["status"], found["expectedAt"]) == ("IN_STOCK" if is_untracked else tracked, None)


@pytest.mark.parametrize(
    ("stock", "status"),
    [
        ({"on_hand": 1}, "IN_STOCK"),
        ({"on_hand": 1, "reorder_at": 5}, "LOW"),
        ({"on_hand": 3, "safety_margin": 3}, "BACKORDER"),
        ({"on_hand": 9, "has_backorders": True}, "BACKORDER"),
    ],
)
async def test_units_that_can_be_promised_come_first(
    client: httpx.AsyncClient, read_model: ReadModel, stock: Row, status: str
) -> None:
    await read_model.policies(YES)
    await read_model.stock({"store_id": "seattle", "sku": SKU, **stock}, {"store_id": "lima", "sku": SKU, "on_hand": 0})

    assert (await shown(client))["status"] == status


def waiting(units: int, sku: str = SKU, status: str = "backordered", **changes: Any) -> Row:
    line = {"order_line_id": str(uuid4()), "sku": sku, "quantity": units, "backordered": units, "parts": []}
    return {"status": status, "lines": [line, line | {"sku": "other", "backordered": 90}], **changes}


@pytest.mark.parametrize(
    ("orders", "status"),
    [
        ([], "BACKORDER"),
        ([waiting(4)], "BACKORDER"),
        ([waiting(4), waiting(1)], "OUT_OF_STOCK"),
        ([waiting(6)], "OUT_OF_STOCK"),
        ([waiting(4), waiting(9, sku="another")], "BACKORDER"),
        ([waiting(4), waiting(9, status="refused"), waiting(9, deleted=True)], "BACKORDER"),
    ],
)
async def test_orders_may_wait_for_as_many_units_as_the_limit(
    client: httpx.AsyncClient, read_model: ReadModel, orders: list[Row], status: str
) -> None:
    await read_model.policies(FIVE)
    await read_model.sourcings(*orders)

    assert (await shown(client))["status"] == status


@pytest.mark.parametrize(
    ("days", "statuses", "expected"),
    [
        (14, ["accepted"], NOON + timedelta(days=14)),
        (0, ["completed", "manufacturing"], NOON + timedelta(hours=1)),
        (14, ["accepted", "received"], NOON + timedelta(days=14)),
        (14, ["received", "cancelled"], None),
        (14, [], None),
        (None, ["accepted"], None),
    ],
)
async def test_units_are_expected_a_lead_time_after_the_newest_open_request(
    client: httpx.AsyncClient, read_model: ReadModel, days: int | None, statuses: list[str], expected: datetime | None
) -> None:
    await read_model.policies(YES | {"lead_time_days": days})
    await read_model.restocks(
        *(
            {"store_id": "seattle", "sku": SKU, "status": status, "requested_at": NOON + timedelta(hours=number)}
            for number, status in enumerate(statuses)
        )
    )

    moment = (await shown(client))["expectedAt"]

    assert (moment and datetime.fromisoformat(moment)) == expected


async def test_only_the_orders_that_wait_for_the_product_are_read(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.policies(FIVE)
    await read_model.sourcings(waiting(1), *(waiting(1, sku=f"SKU-{number}") for number in range(2000)))

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        found = await shown(client)
    read = await reading(statements)

    assert found["status"] == "BACKORDER"
    assert "sourcing" not in read.scanned
    assert read.rows <= 30, read

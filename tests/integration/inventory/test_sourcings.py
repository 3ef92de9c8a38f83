"""The sourcing of an order over HTTP: how its stock stands, and a decision on request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from contracts.orders import OrderRow, OrderStatus
from inventory import settings
from tests.support.stock.sourcing import STORE, Inventory, a_stock, an_order, changed, empty_inventory

PATH = "/sourcings"


@pytest.fixture
async def inventory(inventory_api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Inventory with an empty database, beside its API."""
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened


async def retried(http: httpx.AsyncClient, order: OrderRow) -> httpx.Response:
    return await http.post(f"{PATH}/{order.order_id}/retry")


async def test_a_sourcing_is_shown_with_its_lines(inventory_api: httpx.AsyncClient, inventory: Inventory) -> None:
    await inventory.stock(a_stock("A", 5))
    order, [line] = an_order(("A", 2))
    await inventory.order(order, line)

    shown = await inventory_api.get(f"{PATH}/{order.order_id}")
    known = await inventory_api.get(f"{PATH}/{order.order_id}", headers={"If-None-Match": shown.headers["ETag"]})

    [reservation] = await inventory.reservations(order)
    body = shown.json()
    assert (body["orderId"], body["linesVersion"], body["status"]) == (str(order.order_id), 1, "reserved")
    assert (body["reason"], body["version"], shown.headers["ETag"]) == (None, 1, '"1"')
    part = {"storeId": STORE, "quantity": 2, "state": "asked", "reservationId": str(reservation.reservation_id)}
    of_line = {"orderLineId": str(line.order_detail_id), "sku": "A", "quantity": 2, "backordered": 0, "parts": [part]}
    assert body["lines"] == [of_line]
    assert known.status_code == 304


async def test_a_refused_order_is_decided_again_once_there_is_stock(
    inventory_api: httpx.AsyncClient, inventory: Inventory
) -> None:
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    refused = (await inventory_api.get(f"{PATH}/{order.order_id}")).json()
    await inventory.stock(a_stock("A", 2))

    answers = [await retried(inventory_api, order) for _ in range(2)]

    assert (refused["status"], refused["reason"]) == ("refused", "not in any store: A")
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "reserved")] * 2
    assert answers[0].headers["Consistency-Token"] == f"sourcing:{order.order_id}:2"
    assert answers[1].json() == answers[0].json()
    assert (await inventory.available("A")).reserved == 2


async def test_a_decision_on_request_about_an_order_that_is_gone_reserves_nothing(
    inventory_api: httpx.AsyncClient, inventory: Inventory
) -> None:
    await inventory.stock(a_stock("A", 2))
    order, lines = an_order(("A", 2))
    await inventory.order(order, *lines)
    await inventory.order(changed(order, status=OrderStatus.CANCELLED))
    never, its = an_order(("A", 2), status=OrderStatus.CANCELLED)
    await inventory.order(never, *its)

    answers = [await retried(inventory_api, each) for each in (order, never)]

    assert [answer.status_code for answer in answers] == [200, 404]
    assert answers[0].json()["status"] == "released"
    assert answers[1].json()["type"] == "urn:oms:problem:sourcing-not-found"
    assert len(await inventory.reservations(order)) == 1


async def test_an_order_that_is_unknown_or_deleted_is_not_found(
    inventory_api: httpx.AsyncClient, inventory: Inventory
) -> None:
    deleted, lines = an_order(("A", 1), is_deleted=True)
    await inventory.order(deleted, *lines)

    shown = await inventory_api.get(f"{PATH}/{uuid4()}")
    unknown = await inventory_api.post(f"{PATH}/{uuid4()}/retry")
    gone = await retried(inventory_api, deleted)

    assert [answer.status_code for answer in (shown, unknown, gone)] == [404, 404, 404]
    assert shown.json()["type"] == "urn:oms:problem:sourcing-not-found"
    assert unknown.json()["type"] == gone.json()["type"] == "urn:oms:problem:order-not-found"

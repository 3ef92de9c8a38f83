"""Orders that inventory decides about: rows that are late, repeated or shuffled, races, and commands by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from contracts.inventory.sourcing import SourcingStatus
from orders.changes import status_routes
from orders.sourcing import applying
from tests.support.shop.small_shop import HOME, placed
from tests.support.stock.sourcing_rows import sourced

COMMITTED, REFUSED = SourcingStatus.COMMITTED, SourcingStatus.REFUSED
REASON = "out of stock: CHAI wants 3, has 2"

Order = dict[str, Any]


@pytest.fixture
async def database(orders: httpx.AsyncClient, own_database: Database) -> AsyncIterator[Database]:
    """That of `orders`; inventory has decided about no order, before and after."""
    await forget(own_database)
    yield own_database
    await forget(own_database)


async def forget(database: Database) -> None:
    async with database.reading() as connection:
        await connection.execute("DELETE FROM replica_sourcing")


async def command(orders: httpx.AsyncClient, order: Order, name: str) -> httpx.Response:
    return await orders.post(f"/orders/{order['id']}/{name}")


async def read(orders: httpx.AsyncClient, order: Order) -> Order:
    found: Order = (await orders.get(f"/orders/{order['id']}")).json()
    return found


async def history(orders: httpx.AsyncClient, order: Order) -> list[tuple[str, str | None, str | None]]:
    entries = (await orders.get(f"/orders/{order['id']}/history")).json()["items"]
    return [(each["command"], each["caller"], each["reason"]) for each in entries]


async def test_an_order_is_confirmed_or_rejected_as_its_stores_answered(
    orders: httpx.AsyncClient, database: Database
) -> None:
    sold, unsold, waiting = [await placed(orders) for _ in range(3)]
    decided = [sourced(sold), sourced(unsold, REFUSED, reason=REASON), sourced(waiting, SourcingStatus.RESERVED)]

    await applying.apply(database, decided)

    assert (await read(orders, sold))["confirmedAt"]
    assert (await read(orders, unsold))["rejectionReason"] == REASON
    assert [(await read(orders, each))["status"] for each in (sold, unsold, waiting)] == [
        "confirmed", "rejected", "placed",
    ]  # fmt: skip
    assert await history(orders, sold) == [("place", None, None), ("confirm", "inventory", None)]
    assert await history(orders, unsold) == [("place", None, None), ("reject", "inventory", REASON)]


@pytest.mark.parametrize("arrival", list(permutations([1, 2, 3, 3])))
async def test_an_order_is_moved_once_however_its_sourcing_arrives(
    orders: httpx.AsyncClient, database: Database, arrival: tuple[int, ...]
) -> None:
    order = await placed(orders)
    rows = {
        1: sourced(order, SourcingStatus.RESERVED),
        2: sourced(order, SourcingStatus.RESERVED, version=2),
        3: sourced(order, version=3),
    }

    for version in arrival:
        await applying.apply(database, [rows[version]])

    assert await history(orders, order) == [("place", None, None), ("confirm", "inventory", None)]


async def test_a_row_that_is_older_than_a_known_one_moves_nothing(
    orders: httpx.AsyncClient, database: Database
) -> None:
    """The stores refused at first, and inventory reserves elsewhere."""
    order = await placed(orders)

    await applying.apply(database, [sourced(order, SourcingStatus.RESERVED, version=2)])
    await applying.apply(database, [sourced(order, REFUSED, version=1)])

    assert (await read(orders, order))["version"] == 1


async def test_a_decision_about_former_lines_moves_nothing(orders: httpx.AsyncClient, database: Database) -> None:
    order = await placed(orders)
    lines = [{"sku": "CHANG", "quantity": 1, "deliveryAddressId": str(HOME)}]
    await orders.patch(f"/orders/{order['id']}/lines", json={"lines": lines}, headers={"If-Match": "*"})

    await applying.apply(database, [sourced(order, REFUSED)])
    former = await read(orders, order)
    await applying.apply(database, [sourced(order, version=2, lines_version=2)])

    assert (former["status"], (await read(orders, order))["status"]) == ("placed", "confirmed")


async def test_decisions_about_orders_that_are_gone_or_cancelled_harm_no_other(
    orders: httpx.AsyncClient, database: Database
) -> None:
    cancelled, kept, gone = await placed(orders), await placed(orders), {**await placed(orders), "id": str(uuid4())}
    await command(orders, cancelled, "cancel")
    rows = sorted((sourced(each) for each in (cancelled, kept, gone)), key=lambda row: row.order_id)

    await applying.apply(database, rows)

    assert (await read(orders, cancelled))["status"] == "cancelled"
    assert await history(orders, kept) == [("place", None, None), ("confirm", "inventory", None)]


async def test_of_a_cancellation_and_a_decision_at_once_the_history_has_no_gap(
    orders: httpx.AsyncClient, database: Database
) -> None:
    made = [await placed(orders) for _ in range(8)]
    rows = [sourced(order, COMMITTED if place % 2 else REFUSED) for place, order in enumerate(made)]
    rows.sort(key=lambda row: row.order_id)

    applied = asyncio.gather(*(applying.apply(database, rows) for _ in range(3)))
    answers = await asyncio.gather(*(command(orders, order, "cancel") for order in made))
    await applied

    for place, (order, answer) in enumerate(zip(made, answers, strict=True)):
        decided = ("confirm", "inventory", None) if place % 2 else ("reject", "inventory", None)
        done = (await history(orders, order))[1:]
        if answer.status_code == 200:
            assert done in ([("cancel", None, None)], [("confirm", "inventory", None), ("cancel", None, None)])
        else:
            assert done == [decided]
        assert (await read(orders, order))["version"] == 1 + len(done)


@pytest.mark.parametrize("name", ["confirm", "reject"])
async def test_an_order_that_inventory_sources_is_not_decided_by_hand(
    orders: httpx.AsyncClient, database: Database, name: str
) -> None:
    before, order, later = [await placed(orders) for _ in range(3)]
    await applying.apply(database, [sourced(order, SourcingStatus.RESERVED)])

    answers = [await command(orders, each, name) for each in (before, order, later)]

    assert [answer.status_code for answer in answers] == [200, 409, 409]
    assert answers[1].json()["type"] == "urn:oms:problem:sourced-by-inventory"
    assert (await read(orders, order))["status"] == "placed"
    assert (await command(orders, order, "cancel")).status_code == 200


async def test_an_order_that_was_sourced_on_request_says_nothing_about_others(
    orders: httpx.AsyncClient, database: Database
) -> None:
    """It is from before inventory's first start: later ones from before are left alone all the same."""
    on_request, later = [await placed(orders) for _ in range(2)]
    await applying.apply(database, [sourced(on_request, SourcingStatus.RESERVED, on_request=True)])

    answers = [await command(orders, each, "confirm") for each in (on_request, later)]

    assert [answer.status_code for answer in answers] == [409, 200]


async def test_a_refusal_says_first_that_the_status_does_not_allow_it(
    orders: httpx.AsyncClient, database: Database
) -> None:
    order = await placed(orders)
    await applying.apply(database, [sourced(order)])

    assert (await command(orders, order, "reject")).json()["type"] == "urn:oms:problem:not-allowed"


async def test_orders_are_decided_by_hand_while_inventory_is_off(
    orders: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await placed(orders)
    await applying.apply(database, [sourced(order, SourcingStatus.RESERVED)])
    monkeypatch.setattr(status_routes, "INVENTORY", False)

    answer = await command(orders, order, "confirm")
    await applying.apply(database, [sourced(order, REFUSED, version=2)])

    assert answer.status_code == 200
    assert (await read(orders, order))["status"] == "confirmed"


async def test_orders_are_decided_by_hand_once_their_sourcing_is_deleted(
    orders: httpx.AsyncClient, database: Database
) -> None:
    order = await placed(orders)
    await applying.apply(database, [sourced(order, SourcingStatus.RESERVED)])
    await applying.apply(database, [sourced(order, SourcingStatus.RESERVED, is_deleted=True)])

    assert (await command(orders, order, "confirm")).status_code == 200


async def test_imported_orders_from_before_are_decided_by_hand(orders: httpx.AsyncClient, database: Database) -> None:
    first = await placed(orders)
    await applying.apply(database, [sourced(first)])
    old = {"externalId": uuid4().hex, "customerId": first["customerId"], "currency": "USD",
           "placedAt": datetime(1996, 7, 4, tzinfo=UTC).isoformat(),
           "lines": [{"sku": "CHAI", "quantity": 1, "unitPrice": "1", "deliveryAddressId": str(HOME)}]}  # fmt: skip
    order = (await orders.post("/imported-orders", json=old)).json()

    assert (await command(orders, order, "confirm")).status_code == 200


async def test_an_order_names_its_reservation(orders: httpx.AsyncClient) -> None:
    reservation = str(uuid4())
    body = {"customerId": (await placed(orders))["customerId"], "reservationId": reservation,
            "lines": [{"sku": "CHAI", "quantity": 1, "deliveryAddressId": str(HOME)}]}  # fmt: skip

    answer = await orders.post("/orders", json=body, headers={"Idempotency-Key": str(uuid4())})

    assert (answer.status_code, answer.json()["reservationId"]) == (201, reservation)
    assert (await read(orders, answer.json())) == answer.json()


async def test_an_order_that_is_short_is_not_shipped_by_hand(orders: httpx.AsyncClient, database: Database) -> None:
    order = await placed(orders)
    short = sourced(order, SourcingStatus.SHORT, version=2, reason="short: CHAI wants 1 more")
    await applying.apply(database, [sourced(order)])
    await applying.apply(database, [short])

    refused = await command(orders, order, "ship")
    await applying.apply(database, [sourced(order, version=3)])

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:oms:problem:units-missing")
    assert [each["detail"] for each in refused.json()["errors"]] == ["short: CHAI wants 1 more"]
    assert (await command(orders, order, "ship")).status_code == 200


async def test_an_order_that_is_short_is_cancelled_or_closed(orders: httpx.AsyncClient, database: Database) -> None:
    """Closed once some of its units have left: it cannot be cancelled any more."""
    cancelled, closed = [await placed(orders) for _ in range(2)]
    for order in (cancelled, closed):
        await applying.apply(database, [sourced(order, SourcingStatus.SHORT, reason="short: CHAI wants 1 more")])
    async with database.reading() as connection:
        sql = "UPDATE `order` SET status = 'partially_shipped' WHERE order_id = %s"
        await connection.execute(sql, [closed["id"]])

    answers = [await command(orders, cancelled, "cancel"), await command(orders, closed, "ship")]

    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_command_that_began_before_units_were_missed_sees_it(
    orders: httpx.AsyncClient, database: Database
) -> None:
    """Of shipping and missing units at once, whichever comes second sees the first."""
    made = [await placed(orders) for _ in range(8)]
    await applying.apply(database, sorted(map(sourced, made), key=lambda row: row.order_id))
    short = [sourced(order, SourcingStatus.SHORT, version=2, reason="short: CHAI wants 1 more") for order in made]

    applied = asyncio.gather(*(applying.apply(database, [row]) for row in short))
    keys = [{"Idempotency-Key": str(uuid4())} for _ in made]
    answers = await asyncio.gather(
        *(orders.post(f"/orders/{order['id']}/ship", headers=key) for order, key in zip(made, keys, strict=True))
    )
    await applied

    for order, answer in zip(made, answers, strict=True):
        assert answer.status_code in (200, 409)
        assert (await read(orders, order))["status"] == ("shipped" if answer.status_code == 200 else "confirmed")

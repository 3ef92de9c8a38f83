"""Many clients send one order under one key while the service is killed: each learns of the one order there is."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from typing import Any

import httpx

from local import supervisor
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client
from tests.support.views.comparison import assert_views_equal_mysql, mysql_rows

CLIENTS = 50
KILLS = 3


async def sent_until_taken(http: httpx.AsyncClient, order: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """What a client does that wants its order: the same request again until it is answered."""
    while True:
        try:
            answer = await http.post("/orders", json=order, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
            continue
        if answer.status_code == 201:
            taken: dict[str, Any] = answer.json()
            return taken
        assert answer.status_code in (409, 503), answer.text
        if answer.status_code == 409:
            assert answer.json()["type"] == "urn:oms:problem:request-in-flight"
        await asyncio.sleep(0.05)


async def test_one_key_makes_one_order_whatever_is_killed(system: dict[str, str]) -> None:
    customer = await a_customer()
    address, product = await an_address(customer), await a_product()
    lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
    order, headers = {"customerId": customer["id"], "lines": lines}, a_key()

    async with client("orders") as http:
        sending = [asyncio.create_task(sent_until_taken(http, order, headers)) for _ in range(CLIENTS)]
        killed = 0
        for _ in range(KILLS):
            killed = await eventually(partial(_killed, system, "orders", killed))
        taken = await asyncio.gather(*sending)

    assert len({each["id"] for each in taken}) == 1
    made = {
        row["order_id"]
        for row in (await mysql_rows("orders.order_detail", "order_detail_id")).values()
        if row["sku"] == product["sku"]
    }
    assert made == {taken[0]["id"]}
    await eventually(assert_views_equal_mysql)


def _killed(system: dict[str, str], name: str, before: int) -> int:
    process = supervisor.states(system)[name]
    assert process["statename"] == "RUNNING"
    assert process["pid"] != before
    os.kill(process["pid"], signal.SIGKILL)
    return int(process["pid"])

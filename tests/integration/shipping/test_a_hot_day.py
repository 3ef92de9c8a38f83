"""Many clients plan deliveries of one day at once: no rule is broken, and none of them deadlocks."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import datetime

import httpx
import pytest

from chassis.databases import mysql
from chassis.databases.mysql import Deadlock
from chassis.databases.mysql_errors import ROLLED_BACK
from chassis.http.errors.problems import Unavailable
from shipping.days.values import Window, most_at_once
from tests.integration.shipping.test_commands import do
from tests.integration.shipping.test_delivery_days import no_faults
from tests.support.shipping import Shipping, a_graph
from tests.support.shipping_days import DAY, day, open_depot, plan, rules

CLIENTS, DELIVERIES = 40, 200


@pytest.fixture
def deadlocks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The deadlocks, which are hidden otherwise: the transaction is tried again."""
    found: list[str] = []

    class Seen(Deadlock):
        def __init__(self, dependency: str) -> None:
            super().__init__(dependency)
            found.append(dependency)

    seen: dict[int | None, type[Unavailable]] = dict.fromkeys(ROLLED_BACK, Seen)
    monkeypatch.setattr(mysql, "_UNAVAILABLE", {**mysql._UNAVAILABLE, **seen})
    return found


async def test_forty_clients_plan_one_day(shipping: Shipping, http: httpx.AsyncClient, deadlocks: list[str]) -> None:
    await open_depot(http, zone="UTC")
    orders = [a_graph(("A", 1)) for _ in range(DELIVERIES)]
    await shipping.order(*orders)
    shipments = [{"id": str(row.shipment_id)} for order in orders for row in await shipping.shipments(order)]
    chance, refusals = random.Random(1), Counter[str]()
    queue = [(each, chance.choice("abcd"), begin := chance.randrange(0, 22), begin + 1) for each in shipments]

    async def client() -> None:
        while queue:
            shipment, van, begin, end = queue.pop()
            answer = await plan(http, shipment, van, begin, end)
            if answer.status_code != 201:
                refusals.update(rules(answer))
            elif begin % 3 == 0:
                await http.delete(f"{DAY}/deliveries/{shipment['id']}")
            elif begin % 3 == 1:
                await do(http, shipment, "cancel", {"reason": "damaged"})

    await asyncio.gather(*(client() for _ in range(CLIENTS)))

    deliveries = (await day(http))["deliveries"]
    windows = [Window(*(datetime.fromisoformat(each[name]) for name in ("from", "to"))) for each in deliveries]
    assert len(deliveries) > 10
    assert max(most_at_once(windows, each) for each in windows) <= 3
    for number, each in enumerate(deliveries):
        same_van = [windows[other] for other in range(number) if deliveries[other]["van"] == each["van"]]
        assert most_at_once(same_van, windows[number]) == 0
    assert set(refusals) == {"parallel-deliveries", "one-van-at-a-time"}
    assert deadlocks == []
    assert await no_faults(shipping)

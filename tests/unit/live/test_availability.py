"""Subscribers to the units of some SKUs: each hears each change of these, also those it missed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec
import orjson
import pytest

from contracts.inventory.availability import AVAILABILITY
from gateway import errors
from gateway.errors import Refusal
from gateway.live.hub import LiveLimits
from gateway.live.hubs import Hubs
from gateway.schema import schema
from gateway.shop.context import Context
from tests.support.live.fake_log import Log
from tests.support.live.live_in_process import operation

QUERY = """subscription ($sku: [String!]!, $after: String) { ...Changed }
fragment Changed on Subscription { availabilityChanged(sku: $sku, after: $after) {
  cursor sku storeId version deleted stock { onHand available availableToPromise stale } } }"""
WHOLE = """subscription ($sku: [String!]!) {
  availabilityChanged(sku: $sku) { version availability { status available stores } } }"""
ODD = "a/b é"


class Rows:
    """The read model: knows no store, and of every SKU one unit."""

    @property
    def stores(self) -> Rows:
        return self

    @property
    def availability(self) -> Rows:
        return self

    async def load(self, key: str) -> dict[str, Any] | None:
        if key == "seattle":
            return None
        return {"status": "LOW", "available": 1, "stores": 1, "expected_at": None, "fresh_until": None, "stale": False}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log(2, AVAILABILITY.name)
    made.install(monkeypatch)
    return made


def sell(log: Log, sku: str, version: int, partition: int = 0, *, deleted: bool = False) -> None:
    """As the connector writes it."""
    row = {"stock_id": f"seattle/{sku}", "store_id": "seattle", "sku": sku, "on_hand": 9 - version, "unsellable": 0}
    row |= {"committed": 0, "reserved": 1, "safety_margin": 2, "stock_version": 1, "version": version}
    row |= {"updated_at": "2026-01-01T00:00:00.5Z", "__deleted": str(deleted).lower()}
    log.put(msgspec.json.encode(row), partition)


@asynccontextmanager
async def open_hubs(shown: list[tuple[str, str, int]] | None = None) -> AsyncIterator[Hubs]:
    async def until_shown(*token: Any) -> None:
        if shown is not None:
            shown.append(token)

    nothing = cast(Any, None)
    hubs = Hubs(
        schema._schema,
        LiveLimits(),
        lambda: Context(nothing, nothing, cast(Any, Rows()), None, hubs.cursor, until_shown),
    )
    yield hubs
    await hubs.close()


async def hear(hubs: Hubs, number: int, after: str | None, *skus: str, query: str = QUERY) -> list[dict[str, Any]]:
    """So many changes of these SKUs."""
    found: list[dict[str, Any]] = []
    async with hubs.subscribe(operation(query), None, {"sku": skus, "after": after}) as events:
        while len(found) < number:
            answer = orjson.loads((await anext(events)).payload)
            assert "errors" not in answer
            found += answer["data"].values()
    return found


async def test_changes_of_the_skus_are_heard_and_no_others(log: Log) -> None:
    async with open_hubs() as hubs:
        start = await hubs.cursor("availability")
        sell(log, "CHAI", 1)
        sell(log, ODD, 1, partition=1)
        sell(log, "CHANG", 1)
        sell(log, "CHAI", 2)
        sell(log, "CHAI", 2)  # a connector repeats what it does not know to be written
        log.put(b"{")
        sell(log, "CHAI", 3, deleted=True)

        chai = await hear(hubs, 3, start, " CHAI ", "none")
        [odd] = await hear(hubs, 1, start, ODD)

    assert [(each["version"], each["deleted"]) for each in chai] == [(1, False), (2, False), (4, True)]
    assert chai[0]["stock"] == {"onHand": 8, "available": 7, "availableToPromise": 5, "stale": True}
    assert chai[2]["stock"] is None
    assert (odd["sku"], odd["storeId"]) == (ODD, "seattle")


async def test_what_was_missed_is_read_from_the_log_by_a_gateway_that_begins_later(log: Log) -> None:
    async with open_hubs() as hubs:
        start = await hubs.cursor("availability")
        for version in range(1, 6):
            sell(log, "CHAI", version, partition=version % 2)
        [first] = await hear(hubs, 1, start, "CHAI")

    async with open_hubs() as hubs:
        rest = await hear(hubs, 4, first["cursor"], "CHAI")

    assert sorted(each["version"] for each in [first, *rest]) == [1, 2, 3, 4, 5]


async def test_the_log_is_read_from_its_end_when_first_needed(log: Log) -> None:
    sell(log, "CHAI", 1)
    async with open_hubs() as hubs:
        hub = hubs._hubs["availability"]
        assert hub.feed.next_offsets == []
        await hubs.cursor("availability")

        assert (hub.feed.next_offsets, len(hub.feed.recent)) == ([1, 0], 0)


async def test_the_availability_has_the_change(log: Log) -> None:
    shown: list[tuple[str, str, int]] = []
    async with open_hubs(shown) as hubs, hubs.subscribe(operation(WHOLE), None, {"sku": [ODD]}) as events:
        sell(log, ODD, 7)
        answer = orjson.loads((await anext(events)).payload)["data"]["availabilityChanged"]

    assert answer == {"version": 7, "availability": {"status": "LOW", "available": 1, "stores": 1}}
    assert shown == [("reservation", f"seattle/{ODD}", 7)]


@pytest.mark.parametrize(("skus", "after"), [([], None), (["CHAI"] * 101, None), (["CHAI"], "WyJjaGFuZ2VzIiwwXQ")])
async def test_no_skus_too_many_or_the_cursor_of_orders_are_refused(
    log: Log, skus: list[str], after: str | None
) -> None:
    async with open_hubs() as hubs:
        with pytest.raises(Refusal) as refused:
            await hear(hubs, 1, after, *skus)

    assert refused.value.code == errors.BAD_USER_INPUT

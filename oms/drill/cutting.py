"""Cuts off a store: its process does not reach Kafka and its rows do not, while its tills go on selling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import quote

from chassis import addresses
from chassis.addresses import store_process
from chassis.retrying import attempts
from connectors.connect_api import Connect
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.drill.forwarder import Forwarder
from oms.drill.own_connector import own_connector
from oms.drill.own_process import own_process
from oms.drill.tills import Fair

CUT_OFF_S = 40.0
"""Longer than a store may be silent until it is stale, and than it may take to answer."""

HEARD_OF_WITHIN_S = 120.0

Pause = Callable[[float], Awaitable[None]]


class Link:
    """The connections of a store to Kafka: that of its process and that of its connector."""

    def __init__(self, forwarder: Forwarder, connect: Connect, connector: str) -> None:
        self._forwarder, self._connect, self._connector = forwarder, connect, connector

    async def cut(self) -> None:
        """Close both."""
        await self._forwarder.cut()
        await self._connect.stop(self._connector)

    async def join(self) -> None:
        """Open both."""
        self._forwarder.join()
        await self._connect.resume(self._connector)


@asynccontextmanager
async def separated(store_id: str) -> AsyncIterator[Link]:
    """The link of a store, which has it while the block runs. Raises NotSupervised and ConnectError."""
    host, _, port = addresses.address("kafka").rpartition(":")
    forwarder, connect = Forwarder(host, int(port)), Connect()
    try:
        await forwarder.start()
        async with own_connector(connect, store_id) as connector, own_process(store_id, forwarder.port):
            yield Link(forwarder, connect, connector)
    finally:
        await forwarder.close()
        await connect.close()


@dataclass(frozen=True)
class Seen:
    """What was seen of a store at the end of a cut: its freshness, and its units on hand there and in central. At the
    beginning it had `had` units.

    `is_fresh_again` says whether central knew its stock for certain within `HEARD_OF_WITHIN_S` after the cut.
    """

    was_stale: bool
    is_fresh_again: bool
    had: int
    on_hand: int
    in_central: int


async def cut_off(rest: Rest, fair: Fair, store_id: str, pause: Pause) -> Seen:
    """Cut off a store for `CUT_OFF_S`. Returns once central has heard of all that it sold by then."""
    async with separated(store_id) as link:
        await link.cut()
        had = await _on_hand(rest, store_id, fair)
        await pause(CUT_OFF_S)
        on_hand = await _on_hand(rest, store_id, fair)
        in_central = sum([await _in_central(rest, store_id, sku) for sku in fair.skus])
        before = await _store(rest, store_id)
        await link.join()
        is_fresh_again = await _is_heard_of(rest, store_id, before)
    return Seen(before["stale"], is_fresh_again, had, on_hand, in_central)


def findings(store_id: str, seen: Seen) -> list[str]:
    """What is wrong with a cut: central did not notice it, or it knew at once what was sold meanwhile."""
    wrong = [] if seen.was_stale else [f"{store_id} was not stale after {CUT_OFF_S:g} s without a connection"]
    if not seen.is_fresh_again:
        wrong.append(f"{store_id} was still stale {HEARD_OF_WITHIN_S:g} s after its connection was back")
    if seen.on_hand < seen.had and seen.in_central <= seen.on_hand:
        wrong.append(f"{store_id} has {seen.on_hand} units, and central knew of all sales without a connection")
    return wrong


async def _is_heard_of(rest: Rest, store_id: str, before: Mapping[str, Any]) -> bool:
    """Whether the store becomes fresh again in time: then all that it committed during the cut is counted."""
    deadline = monotonic() + HEARD_OF_WITHIN_S
    async for _ in attempts(most_s=1):
        now = await _store(rest, store_id)
        is_heard_of: bool = not now["stale"] and _moment(now) > _moment(before)
        if is_heard_of or monotonic() > deadline:
            return is_heard_of
    raise AssertionError("attempts never end")


def _moment(store: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(store["freshUntil"])


async def _store(rest: Rest, store_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await until_available(lambda: rest.get("inventory", f"/stores/{store_id}"))).json()
    return found


async def _shelf(rest: Rest, store_id: str, sku: str) -> dict[str, Any]:
    path = f"/stores/{store_id}/stock/{quote(sku, safe='')}"
    found: dict[str, Any] = (await until_available(lambda: rest.get(store_process(store_id), path))).json()
    return found


async def _on_hand(rest: Rest, store_id: str, fair: Fair) -> int:
    return sum([(await _shelf(rest, store_id, sku))["onHand"] for sku in fair.skus])


async def _in_central(rest: Rest, store_id: str, sku: str) -> int:
    found = (await until_available(lambda: rest.get("inventory", "/availability", sku=sku, all="true"))).json()
    return next(int(each["onHand"]) for each in found["items"] if each["storeId"] == store_id)

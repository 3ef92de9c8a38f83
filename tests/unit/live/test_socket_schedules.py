"""A client's socket, in every order in which its messages, its end and the changes may come."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, cast
from uuid import UUID

import orjson
import pytest

from gateway.live import websocket
from gateway.live.dispatch import CheckRate, Dispatcher
from gateway.live.hub import Hub
from gateway.live.sse import Stream
from gateway.live.timeouts import Timeouts
from gateway.live.websocket import Socket
from gateway.operations.operations import Operation
from gateway.requests.request import Request
from tests.support.live.fake_log import Log
from tests.support.live.live_in_process import OPERATIONS, a_hub, until
from tests.support.live.schedules import explore

ONE, OTHER = UUID(int=1), UUID(int=2)
OF_ONE_ORDER = """subscription ($id: ID!, $after: String) {
  orderChanged(id: $id, after: $after) { orderId version } }"""
TIMEOUTS = Timeouts(send_s=5)
START = "WyJjaGFuZ2VzIiwwXQ"


class OnlySubscriptions:
    """In the place of `Dispatcher`, which needs all databases."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def execute(self, request: Request, check_rate: CheckRate) -> Operation:
        await check_rate()
        return OPERATIONS.find(request.query, request.operation_name)


class Wire:
    """A connection, as uvicorn shows it to the app. `sent` are the messages a client got."""

    def __init__(self, hub: Hub, most_untaken: int | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.is_cut = False
        self.most_untaken = most_untaken
        """So many messages are taken, and no more."""
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.scope: Any = {
            "subprotocols": [websocket.PROTOCOL],
            "headers": [],
            "extensions": {"oms.abort": {"abort": self._abort}},
        }
        self._dispatcher = cast(Dispatcher, OnlySubscriptions(hub))

    def socket(self) -> asyncio.Task[None]:
        """Serve it as a WebSocket, which is open already."""
        self.says({"type": "websocket.connect"})
        self.says(type="connection_init")
        return asyncio.create_task(
            Socket(self._dispatcher, self._may, self.scope, self._receive, self._send, TIMEOUTS).serve()
        )

    def stream(self, order: UUID) -> asyncio.Task[None]:
        """Serve it as one request for events."""
        request = Request(OF_ONE_ORDER, None, {"id": str(order), "after": START}, {}, [], is_get=False)
        found = OPERATIONS.find(request.query, request.operation_name)
        stream = Stream(self._dispatcher, self.scope, self._receive, self._send, TIMEOUTS)
        return asyncio.create_task(stream.serve(found, request, []))

    def says(self, event: dict[str, Any] | None = None, **message: Any) -> None:
        """Something comes from the client."""
        self._said.put_nowait(event or {"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    def subscribes(self, own_id: str, order: UUID, after: str = START) -> None:
        """The client asks for the changes of an order."""
        variables = {"id": str(order), "after": after}
        self.says(type="subscribe", id=own_id, payload={"query": OF_ONE_ORDER, "variables": variables})

    def told(self) -> list[tuple[UUID, int]]:
        """The changes that the client was told."""
        found = [each["payload"]["data"]["orderChanged"] for each in self.sent if each.get("type") == "next"]
        return [(UUID(each["orderId"]), each["version"]) for each in found]

    async def _may(self) -> None:
        await asyncio.sleep(0)

    async def _receive(self) -> dict[str, Any]:
        return await self._said.get()

    async def _send(self, sent: MutableMapping[str, Any]) -> None:
        message = dict(sent)
        if self.most_untaken is not None and len(self.sent) >= self.most_untaken:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        self.sent.append(orjson.loads(message["text"]) if "text" in message else message)

    def _abort(self) -> None:
        self.is_cut = True
        self.says({"type": "http.disconnect"})


def test_an_id_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        (log := Log()).install(monkeypatch)
        async with a_hub() as hub:
            wire = Wire(hub)
            serving = wire.socket()
            wire.subscribes("1", ONE)
            log.tell(ONE, 1, 2)
            await until(lambda: wire.told() != [])
            wire.says(type="complete", id="1")
            wire.subscribes("1", OTHER)
            log.tell(OTHER, 1)
            log.tell(ONE, 3)
            log.tell(OTHER, 2)
            await until(lambda: (OTHER, 2) in wire.told())
            of_first = [each for each in wire.told() if each[0] == ONE]
            assert wire.told() == [*of_first, (OTHER, 1), (OTHER, 2)]
            await until(lambda: len(hub._subscribers) == 1)
            wire.says({"type": "websocket.disconnect"})
            await serving
            assert hub._subscribers == {}

    explore(scenario)


def test_the_limit_counts_what_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MAX_OPERATIONS", 2)

    async def scenario() -> None:
        (log := Log()).install(monkeypatch)
        async with a_hub() as hub:
            wire, most = Wire(hub), 0
            serving = wire.socket()
            for order in (ONE, OTHER) * 10:
                wire.says(type="complete", id="1")
                wire.subscribes("1", order)
            for version in range(1, 20):
                log.tell(OTHER, version)
                await asyncio.sleep(0)
                most = max(most, len(hub._subscribers))
            await until(lambda: (OTHER, 19) in wire.told())
            assert most <= 2
            wire.subscribes("2", ONE)
            wire.subscribes("3", ONE)
            await until(lambda: any(each["type"] == "error" for each in wire.sent))
            [refused] = [each for each in wire.sent if each["type"] == "error"]
            assert (refused["id"], refused["payload"][0]["extensions"]) == ("3", {"code": "RATE_LIMITED"})
            log.tell(OTHER, 20)
            await until(lambda: (OTHER, 20) in wire.told())
            wire.says({"type": "websocket.disconnect"})
            await serving

    explore(scenario)


def test_a_client_goes_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        (log := Log()).install(monkeypatch)
        async with a_hub() as hub:
            for steps in range(0, 60, 3):
                wire, other = Wire(hub), Wire(hub)
                serving, streaming = wire.socket(), other.stream(ONE)
                wire.subscribes("1", ONE)
                wire.subscribes("2", OTHER)
                log.tell(ONE, steps + 1)
                for _ in range(steps):
                    await asyncio.sleep(0)
                wire.says({"type": "websocket.disconnect"})
                other.says({"type": "http.disconnect"})
                await asyncio.wait((serving, streaming))
                assert hub._subscribers == {}

    explore(scenario, singles=30, several=20)


@pytest.mark.parametrize("takes", range(1, 6))
def test_a_client_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch, takes: int) -> None:
    async def scenario() -> None:
        (log := Log()).install(monkeypatch)
        log.tell(ONE, 1, 2, 3, 4, 5)
        async with a_hub() as hub:
            wire, other = Wire(hub, takes), Wire(hub, takes)
            serving, streaming = wire.socket(), other.stream(ONE)
            wire.subscribes("1", ONE)
            await asyncio.wait((serving, streaming))
            assert (wire.is_cut, other.is_cut) == (True, True)
            assert hub._subscribers == {}

    explore(scenario, singles=20, several=10)


def test_a_client_that_does_not_take_the_end_of_a_subscription_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        Log().install(monkeypatch)
        async with a_hub() as hub:
            wire = Wire(hub, 2)  # that it is accepted, and the acknowledgement
            serving = wire.socket()
            wire.subscribes("1", ONE, after="no cursor")
            await asyncio.wait([serving], timeout=60)
            assert wire.is_cut
            assert hub._subscribers == {}

    explore(scenario, singles=20, several=10)


def test_at_the_end_each_client_is_told_and_one_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        (log := Log()).install(monkeypatch)
        log.tell(ONE, 1, 2)
        async with a_hub() as hub:
            socket, stream, stuck = Wire(hub), Wire(hub), Wire(hub, 2)
            serving = [socket.socket(), stream.stream(ONE), stuck.stream(ONE)]
            socket.subscribes("1", ONE)
            await until(lambda: (ONE, 2) in socket.told() and len(stream.sent) == 4)
            await hub.end()
            await asyncio.wait(serving[1:])
            [told] = [each["payload"][0]["extensions"] for each in socket.sent if each["type"] == "error"]
            assert told == {"code": "UNAVAILABLE", "cursor": "WyJjaGFuZ2VzIiwyXQ"}
            assert [b"UNAVAILABLE" in each.get("body", b"") for each in stream.sent][-2:] == [True, False]
            assert not stream.sent[-1].get("more_body", False)
            assert stuck.is_cut
            socket.says({"type": "websocket.disconnect"})
            await serving[0]

    explore(scenario, singles=20, several=10)

"""Kafka Connect's REST interface, as far as it is needed here."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import httpx

from chassis import addresses
from chassis.retrying import attempts
from chassis.settings import seconds

TIMEOUT_S = seconds("OMS_CONNECT_TIMEOUT_S", 30)
"""Connect checks a configuration by connecting to the database before it answers."""


class ConnectRefused(Exception):
    """Connect answered with an error; the message is its own."""


class Connect:
    """One Connect cluster."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(base_url=addresses.url("connect"), timeout=TIMEOUT_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def names(self) -> list[str]:
        """All registered connectors."""
        names: list[str] = await self._call("GET", "/connectors")
        return sorted(names)

    async def configuration(self, name: str) -> dict[str, str] | None:
        """What a connector was registered with, or None."""
        answer = await self._request("GET", f"/connectors/{name}/config")
        if answer.status_code == 404:
            return None
        found: dict[str, str] = _checked(answer)
        return found

    async def configure(self, name: str, configuration: dict[str, str]) -> None:
        """Register a connector, or change it."""
        await self._call("PUT", f"/connectors/{name}/config", configuration)

    async def stop(self, name: str) -> None:
        """Stop a connector and its tasks, and return when they have ended and said how far they read."""
        await self._call("PUT", f"/connectors/{name}/stop")
        async with asyncio.timeout(TIMEOUT_S):
            async for _ in attempts(most_s=1):
                status = await self.status(name)
                if status["connector"]["state"] == "STOPPED" and not status["tasks"]:
                    return

    async def resume(self, name: str) -> None:
        """Let a stopped connector go on from where it was."""
        await self._call("PUT", f"/connectors/{name}/resume")

    async def restart(self, name: str) -> None:
        """Start a connector and its tasks again, whatever they say of themselves."""
        await self._call("POST", f"/connectors/{name}/restart?includeTasks=true")

    async def offset(self, name: str) -> dict[str, Any] | None:
        """How far a connector has read, as its own class writes it; None where it has none."""
        answer = await self._call("GET", f"/connectors/{name}/offsets")
        offsets = [each["offset"] for each in answer["offsets"] if each["offset"]]
        return offsets[0] if offsets else None

    async def delete_offsets(self, name: str) -> None:
        """Let a stopped connector forget how far it had read, so that it begins with a snapshot."""
        await self._call("DELETE", f"/connectors/{name}/offsets")

    async def status(self, name: str) -> dict[str, Any]:
        """State of a connector and its tasks."""
        status: dict[str, Any] = await self._call("GET", f"/connectors/{name}/status")
        return status

    async def restart_failed(self, name: str) -> None:
        """Start again what has failed of a connector, its tasks included."""
        await self._call("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=true")

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        return _checked(await self._request(method, path, body))

    async def _request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer to a request, which is sent again while Connect shares out its connectors among its workers."""
        deadline = monotonic() + TIMEOUT_S
        async for _ in attempts(most_s=1):
            answer = await self._http.request(method, path, json=body)
            if not _is_rebalancing(answer) or monotonic() > deadline:
                return answer
        raise AssertionError("attempts never ends")


def _is_rebalancing(answer: httpx.Response) -> bool:
    return answer.status_code == 409 or (answer.status_code == 500 and "rebalance" in answer.text)


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        is_page = answer.text.lstrip().startswith("<")  # of the web server alone, whose application is not there yet
        said = "Connect is starting" if is_page else answer.text
        raise ConnectRefused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {said}")
    return answer.json() if answer.content else None

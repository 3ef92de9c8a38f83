"""A client of Kafka Connect's REST API."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import httpx

from chassis import addresses
from chassis.retrying import attempts
from chassis.settings import seconds

TIMEOUT_S = seconds("OMS_CONNECT_TIMEOUT_S", 30)
"""Before it answers, Connect validates a configuration by connecting to the database."""


class ConnectError(Exception):
    """Connect answered with an error; the text is that of Connect."""


class Connect:
    """One Connect cluster."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(base_url=addresses.url("connect"), timeout=TIMEOUT_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def names(self) -> list[str]:
        """The names of all registered connectors."""
        names: list[str] = await self._call("GET", "/connectors")
        return sorted(names)

    async def configuration(self, name: str) -> dict[str, str] | None:
        """The configuration of a registered connector, or None."""
        answer = await self._request("GET", f"/connectors/{name}/config")
        if answer.status_code == 404:
            return None
        found: dict[str, str] = _checked(answer)
        return found

    async def configure(self, name: str, configuration: dict[str, str]) -> None:
        """Register a connector, or change its configuration."""
        await self._call("PUT", f"/connectors/{name}/config", configuration)

    async def stop(self, name: str) -> None:
        """Stop a connector and its tasks. Returns once they have ended and committed their offsets."""
        await self._call("PUT", f"/connectors/{name}/stop")
        async with asyncio.timeout(TIMEOUT_S):
            async for _ in attempts(most_s=1):
                status = await self.status(name)
                if status["connector"]["state"] == "STOPPED" and not status["tasks"]:
                    return

    async def resume(self, name: str) -> None:
        """Resume a stopped connector from its offset."""
        await self._call("PUT", f"/connectors/{name}/resume")

    async def restart(self, name: str) -> None:
        """Restart a connector and its tasks, whatever their state."""
        await self._call("POST", f"/connectors/{name}/restart?includeTasks=true")

    async def offset(self, name: str) -> dict[str, Any] | None:
        """The offset of a connector, in the format of its class; None if it has none."""
        answer = await self._call("GET", f"/connectors/{name}/offsets")
        offsets = [each["offset"] for each in answer["offsets"] if each["offset"]]
        return offsets[0] if offsets else None

    async def delete_offsets(self, name: str) -> None:
        """Delete the offset of a stopped connector, so that it starts with a snapshot."""
        await self._call("DELETE", f"/connectors/{name}/offsets")

    async def delete(self, name: str) -> None:
        """Delete a connector."""
        await self._call("DELETE", f"/connectors/{name}")

    async def status(self, name: str) -> dict[str, Any]:
        """The state of a connector and its tasks."""
        status: dict[str, Any] = await self._call("GET", f"/connectors/{name}/status")
        return status

    async def restart_failed(self, name: str) -> None:
        """Restart the failed parts of a connector, including tasks."""
        await self._call("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=true")

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        return _checked(await self._request(method, path, body))

    async def _request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The response to a request, which is retried while Connect rebalances its connectors."""
        deadline = monotonic() + TIMEOUT_S
        async for _ in attempts(most_s=1):
            answer = await self._http.request(method, path, json=body)
            if not _is_rebalancing(answer) or monotonic() > deadline:
                return answer
        raise AssertionError("attempts never end")


def _is_rebalancing(answer: httpx.Response) -> bool:
    return answer.status_code == 409 or (answer.status_code == 500 and "rebalance" in answer.text)


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        is_page = answer.text.lstrip().startswith("<")  # HTML of the web server, whose application has not started yet
        text = "Connect is starting" if is_page else answer.text
        raise ConnectError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {text}")
    return answer.json() if answer.content else None

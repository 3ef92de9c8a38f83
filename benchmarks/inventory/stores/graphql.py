"""Reads of GraphQL by a client that waits for its own write, by the Consistency-Token of that write."""

from __future__ import annotations

from time import monotonic
from typing import Any

import httpx

from chassis import addresses

WAIT_S = 120.0
_HEADERS = {"Consistency-Timeout-Ms": "5000"}
_RETRIED = ("NOT_YET_CONSISTENT", "UNAVAILABLE")


async def shown(http: httpx.AsyncClient, query: str, variables: dict[str, Any], token: str | None = None) -> Any:
    """The data of a response that has at least the write of the token.

    Raises RuntimeError for an error, and if GraphQL does not have the write after `WAIT_S`.
    """
    url, body = addresses.url("gateway") + "/graphql", {"query": query, "variables": variables}
    headers = _HEADERS | ({"Consistency-Token": token} if token else {})
    deadline = monotonic() + WAIT_S
    while True:
        answer = (await http.post(url, json=body, headers=headers)).json()
        if "errors" not in answer:
            return answer["data"]
        if answer["errors"][0]["extensions"]["code"] not in _RETRIED or monotonic() > deadline:
            raise RuntimeError(f"GraphQL answers with errors: {str(answer)[:500]}")

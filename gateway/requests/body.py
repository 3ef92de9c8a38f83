"""The body of a request, as far as it may be long."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

from gateway.errors import BAD_REQUEST, Refusal
from gateway.requests.time_budget import ClientGone


async def received(receive: Receive, headers: Mapping[bytes, bytes], most_bytes: int) -> bytes:
    """The whole body. Raises Refusal as soon as it is too long, and ClientGone when it does not come."""
    told = headers.get(b"content-length", b"0")
    if told.isdigit() and int(told) > most_bytes:
        raise _too_long(most_bytes)
    parts, length, is_more = [], 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most_bytes:
            raise _too_long(most_bytes)
        is_more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_long(most_bytes: int) -> Refusal:
    return Refusal(BAD_REQUEST, f"the body has at most {most_bytes} bytes", 413)

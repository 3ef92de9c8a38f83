"""The body of a request, up to a maximum length."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

from gateway.errors import BAD_REQUEST, Refusal
from gateway.requests.time_budget import ClientGone


async def receive_body(receive: Receive, headers: Mapping[bytes, bytes], max_bytes: int) -> bytes:
    """The whole body. Raises Refusal as soon as it is too long, and ClientGone when the client disconnects."""
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_long(max_bytes)
    parts, length, is_more = [], 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > max_bytes:
            raise _too_long(max_bytes)
        is_more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_long(max_bytes: int) -> Refusal:
    return Refusal(BAD_REQUEST, f"the body exceeds {max_bytes} bytes", 413)

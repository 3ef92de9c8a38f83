"""Sends a response in the media type that the client accepts, compressed if it is large."""

from __future__ import annotations

from starlette.types import Scope, Send

from chassis.http.serving.protocol import SEND_RESPONSE, SendResponse
from gateway.requests import negotiation
from gateway.requests.compression import LEAST_BYTES, accepts_gzip, compressed
from gateway.requests.response import Response


def joined_lines(scope: Scope, header: bytes) -> str:
    """The value of a header, whose lines are joined (RFC 9110, 5.3)."""
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == header)


def in_media_type(kind: str, response: Response) -> tuple[str, Response, int]:
    """The media type, the response in it, and the HTTP status.

    An accepted stream has errors as events: in a browser, no program sees the body of another status.
    """
    if kind == negotiation.GRAPHQL:
        return kind, response, response.status
    if kind != negotiation.STREAM:
        return kind, response, response.plain_status
    if response.status == 405:  # there is no stream for this method
        return negotiation.JSON, response, 405
    return kind, response._replace(body=response.as_events()), 200


async def send_response(
    scope: Scope, send: Send, response: Response, status: int, kind: str, headers: list[tuple[bytes, bytes]]
) -> None:
    """Send the whole response, with these headers and its own."""
    body, is_post = response.body, scope["method"] == "POST"
    if (
        len(body) >= LEAST_BYTES
        and kind != negotiation.STREAM
        and accepts_gzip(joined_lines(scope, b"accept-encoding"))
    ):
        body = await compressed(body)
        headers.append((b"content-encoding", b"gzip"))
    if not is_post:  # data of persons; and each response says how fresh it is
        headers.append((b"cache-control", b"no-store"))
    headers += [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", b"%d" % len(body)),
        (b"vary", b"Accept, Accept-Encoding"),
        *((name.lower().encode(), value.encode()) for name, value in response.headers),
    ]
    if is_post and SEND_RESPONSE in scope.get("extensions", ()):
        send_whole: SendResponse = scope["extensions"][SEND_RESPONSE]["send"]
        send_whole(status, headers, body)
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

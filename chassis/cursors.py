"""Opaque cursors: the sort key of the last row seen, so that a list goes on after it instead of counting rows."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

import orjson


class InvalidCursor(Exception):
    """The text is not a cursor that this list gave out."""


def encode(key: list[Any]) -> str:
    """The cursor of a row with this sort key (JSON values)."""
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any]:
    """The sort key in `cursor`, with `length` parts. Raises InvalidCursor."""
    try:
        key = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (Error, ValueError) as error:
        raise InvalidCursor(cursor) from error
    if not isinstance(key, list) or len(key) != length:
        raise InvalidCursor(cursor)
    return key

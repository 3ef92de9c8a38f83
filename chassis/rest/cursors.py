"""Opaque cursors: the sort key of the last row of a page, so that the next page starts after it (keyset pagination).

A signed cursor is valid only for the same list, filters and order, and cannot be forged.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

import orjson

_TAG_BYTES = 16


class InvalidCursor(Exception):
    """The text is not a cursor of this list."""


def encode(key: list[Any]) -> str:
    """The cursor of a row with this sort key (JSON values)."""
    return _text(orjson.dumps(key))


def decode(cursor: str, length: int) -> list[Any]:
    """The sort key in `cursor`, with `length` parts. Raises InvalidCursor."""
    key = decode_any(cursor)
    if len(key) != length:
        raise InvalidCursor(cursor)
    return key


def decode_any(cursor: str) -> list[Any]:
    """The sort key in `cursor`, with any number of parts. Raises InvalidCursor."""
    try:
        key = orjson.loads(_bytes(cursor))
    except ValueError as error:
        raise InvalidCursor(cursor) from error
    if not isinstance(key, list):
        raise InvalidCursor(cursor)
    return key


def sign(secret: str, question: str, key: list[Any]) -> str:
    """The cursor of a row with this sort key (JSON values) in the results of `question`."""
    content = orjson.dumps(key)
    return _text(_tag(secret, question, content) + content)


def read_signed(secret: str, question: str, cursor: str) -> list[Any]:
    """The sort key in a cursor that `sign` created for this question. Raises InvalidCursor for any other text."""
    signed = _bytes(cursor)
    tag, content = signed[:_TAG_BYTES], signed[_TAG_BYTES:]
    # Base64 has several encodings of the same bytes; only the canonical one is accepted.
    if not hmac.compare_digest(tag, _tag(secret, question, content)) or _text(signed) != cursor:
        raise InvalidCursor(cursor)
    key: list[Any] = orjson.loads(content)
    return key


def _tag(secret: str, question: str, content: bytes) -> bytes:
    message = b"%s\n%s" % (question.encode(), content)  # neither contains a line break
    return hmac.digest(secret.encode(), message, "sha256")[:_TAG_BYTES]


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(cursor: str) -> bytes:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (Error, ValueError) as error:
        raise InvalidCursor(cursor) from error

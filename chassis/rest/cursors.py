"""Opaque cursors: the sort key of the last row seen, so that a list goes on after it instead of counting rows.

A signed cursor goes with one question alone (which list, which filters, which order), and nobody else can make one.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

import orjson

_TAG_BYTES = 16


class InvalidCursor(Exception):
    """The text is not a cursor that this list gave out."""


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
    """The parts of a key in `cursor`, however many. Raises InvalidCursor."""
    try:
        key = orjson.loads(_bytes(cursor))
    except ValueError as error:
        raise InvalidCursor(cursor) from error
    if not isinstance(key, list):
        raise InvalidCursor(cursor)
    return key


def sign(secret: str, question: str, key: list[Any]) -> str:
    """The cursor of a row with this sort key (JSON values) among the answers to `question`."""
    said = orjson.dumps(key)
    return _text(_tag(secret, question, said) + said)


def read_signed(secret: str, question: str, cursor: str) -> list[Any]:
    """The sort key in a cursor that `sign` made for this question. Raises InvalidCursor for any other text."""
    signed = _bytes(cursor)
    tag, said = signed[:_TAG_BYTES], signed[_TAG_BYTES:]
    # Base64 has several spellings of the same bytes: only ours is taken.
    if not hmac.compare_digest(tag, _tag(secret, question, said)) or _text(signed) != cursor:
        raise InvalidCursor(cursor)
    key: list[Any] = orjson.loads(said)
    return key


def _tag(secret: str, question: str, said: bytes) -> bytes:
    asked = b"%s\n%s" % (question.encode(), said)  # neither has a line's end in it
    return hmac.digest(secret.encode(), asked, "sha256")[:_TAG_BYTES]


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(cursor: str) -> bytes:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (Error, ValueError) as error:
        raise InvalidCursor(cursor) from error

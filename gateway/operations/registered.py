"""The locked mode: only registered operations are executed, by their text or their hash.

They are read from a folder of `.graphql` files, one document each, or from a manifest written by Apollo's tools, and
validated at the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from gateway.errors import OPERATION_NOT_REGISTERED, Refusal
from gateway.operations.operations import Operations
from gateway.operations.persisted import hash_in, hash_of
from gateway.requests.request import Request


class BadRegister(Exception):
    """The registered operations cannot be read, or one of them is invalid."""


class RegisteredQueries:
    """The registered documents by their hashes. Leading and trailing whitespace is ignored."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {hash_of(each): each for text in texts for each in (text, text.strip())}

    async def text_of(self, request: Request) -> str:
        """The text of a registered document. Raises Refusal for any other."""
        named_hash = hash_in(request)
        text = self._texts.get(named_hash or hash_of(request.query.strip()))
        if text is None or (request.query and request.query.strip() != text.strip()):
            message = "this operation is not registered"
            raise Refusal(OPERATION_NOT_REGISTERED, message, 403)
        return text

    def keep(self, request: Request) -> None:
        """No effect: only registered queries are known."""

    async def close(self) -> None:
        """No effect."""


def read(place: Path, operations: Operations) -> RegisteredQueries:
    """The operations registered in a folder or a manifest. Raises BadRegister."""
    try:
        texts = _folder(place) if place.is_dir() else _manifest(orjson.loads(place.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRegister(f"{place} cannot be read: {error!r}") from error
    if not texts:
        raise BadRegister(f"{place} has no operations")
    for name, text in texts.items():
        _check(f"{place}: {name}", text, operations)
    return RegisteredQueries(texts.values())


def _folder(place: Path) -> dict[str, str]:
    return {str(file.relative_to(place)): file.read_text() for file in sorted(place.rglob("*.graphql"))}


def _manifest(written: Any) -> dict[str, str]:
    """The documents of a manifest. Their ids are their hashes, which are computed here."""
    return {f"operation {number}": str(each["body"]) for number, each in enumerate(written["operations"], start=1)}


def _check(where: str, text: str, operations: Operations) -> None:
    """Raise BadRegister when an operation of a document is invalid or exceeds a limit."""
    for name in operations.names(text):
        found = operations.find(text, name)
        if found.errors:
            raise BadRegister(f"{where}: {found.errors[0].message}")

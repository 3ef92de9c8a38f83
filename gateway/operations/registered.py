"""The locked mode: only operations that are registered are carried out, each by its text or its hash.

They are in a folder of `.graphql` files, a document each, or in a manifest as Apollo's tools write it. Each is checked
at the start, so that none is found wrong by a client.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from gateway.errors import OPERATION_NOT_REGISTERED, Refusal
from gateway.operations.operations import Operations
from gateway.operations.persisted import hash_in, hash_of
from gateway.requests.request import Asked


class BadRegister(Exception):
    """The registered operations cannot be read, or one of them is not an operation that may be asked for."""


class RegisteredQueries:
    """The documents that may be asked for, by their hashes. Empty lines before and after one do not matter."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {hash_of(each): each for text in texts for each in (text, text.strip())}

    async def text_of(self, asked: Asked) -> str:
        """The text of a registered document. Raises Refusal for any other."""
        named_hash = hash_in(asked)
        text = self._texts.get(named_hash or hash_of(asked.query.strip()))
        if text is None or (asked.query and asked.query.strip() != text.strip()):
            told = "the operation is not among those that are registered here"
            raise Refusal(OPERATION_NOT_REGISTERED, told, 403)
        return text

    def keep(self, asked: Asked) -> None:
        """Nothing becomes known that was not registered."""

    async def close(self) -> None:
        """Nothing is open."""


def read(place: Path, operations: Operations) -> RegisteredQueries:
    """What is registered in a folder or a manifest. Raises BadRegister."""
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
    """The documents of a manifest. Their ids are their hashes, which are worked out here."""
    return {f"operation {number}": str(each["body"]) for number, each in enumerate(written["operations"], start=1)}


def _check(where: str, text: str, operations: Operations) -> None:
    """Raise BadRegister when an operation of a document is not valid or asks for too much."""
    for name in operations.names(text):
        found = operations.find(text, name)
        if found.errors:
            raise BadRegister(f"{where}: {found.errors[0].message}")

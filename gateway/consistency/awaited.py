"""The writes that reads wait for, and which of them must be looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice

from gateway.consistency.tokens import Token

MAX_LOOKED_UP = 1000
"""The maximum number of writes in one lookup, which limits how long it takes."""

Reader = asyncio.Future[None]


class Awaited:
    """The writes that are awaited, each with the readers that wait for it.

    A write is looked up when its first reader comes, and again whenever the view may have changed. Reads that have just
    come are not held up by many that have waited for long: each of the two has half of every lookup.
    """

    def __init__(self) -> None:
        self._readers: dict[Token, set[Reader]] = {}
        self._versions: dict[tuple[str, str], set[Token]] = {}
        self._first: dict[Token, None] = {}
        self._again: dict[Token, None] = {}

    def __bool__(self) -> bool:
        """Whether any write must be looked up."""
        return bool(self._first or self._again)

    def add(self, token: Token, reader: Reader) -> None:
        """A read waits for this write."""
        readers = self._readers.setdefault(token, set())
        readers.add(reader)
        self._first[token] = None  # also if a lookup is under way: it may have missed the write
        self._versions.setdefault(token[:2], set()).add(token)

    def discard(self, token: Token, reader: Reader) -> None:
        """The read no longer waits."""
        readers = self._readers.get(token)
        if readers is not None:
            readers.discard(reader)
            if not readers:
                self._forget(token)

    def moved(self) -> None:
        """Look up all writes again."""
        self._again.update(dict.fromkeys(self._readers))

    def taken(self) -> list[Token]:
        """The writes to look up now. They are not looked up again unless `again` says so."""
        tokens = list(islice(self._first, MAX_LOOKED_UP // 2 if self._again else MAX_LOOKED_UP))
        for token in tokens:
            self._first.pop(token)
            self._again.pop(token, None)
        more = list(islice(self._again, MAX_LOOKED_UP - len(tokens)))
        for token in more:
            self._again.pop(token)
        return tokens + more

    def again(self, tokens: Iterable[Token]) -> None:
        """Look up these again, unless nobody waits for them any more."""
        self._again.update(dict.fromkeys(token for token in tokens if token in self._readers))

    def found(self, tokens: Iterable[Token]) -> list[Reader]:
        """The readers of these writes, which are no longer awaited."""
        return [reader for token in tokens for reader in self._forget(token)]

    def up_to(self, kind: str, versions: Mapping[str, int]) -> list[Token]:
        """The awaited writes of these things up to these versions."""
        keys = [(kind, identity) for identity in versions] if self._versions else []
        return [
            token for key in keys for token in self._versions.get(key, ()) if token.version <= versions[token.identity]
        ]

    def _forget(self, token: Token) -> set[Reader]:
        self._first.pop(token, None)
        self._again.pop(token, None)
        readers = self._readers.pop(token, None)
        if readers is None:
            return set()
        versions = self._versions[token[:2]]
        versions.discard(token)
        if not versions:
            del self._versions[token[:2]]
        return readers

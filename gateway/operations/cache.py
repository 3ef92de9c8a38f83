"""The operations used last with their plans, within a bound of memory."""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import Generic, TypeVar

CACHE_BYTES = 100_000_000
"""About the memory that all cached operations take, with the SQL of their plans."""

OF_ANY = 4_000
"""The memory of the smallest operation, in bytes."""

OF_A_TOKEN = 500
"""The memory of an operation's syntax tree for each token of its document, in bytes."""

Key = tuple[str, str | None]
"""The text of a document, and the name of the operation."""

Cached = TypeVar("Cached")


class Cache(Generic[Cached]):
    """A cache of operations; the least recently used are dropped when all take more than `most` bytes."""

    def __init__(self, most: int = CACHE_BYTES) -> None:
        self._most = most
        self._entries: OrderedDict[Key, tuple[Cached, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Cached | None:
        """The operation, which counts as used now; None when it is not cached."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: Key, operation: Cached, tokens: int) -> None:
        """Keep an operation, whose document has this many tokens."""
        text, name = key
        size = OF_ANY + OF_A_TOKEN * tokens + sys.getsizeof(text) + sys.getsizeof(name)
        self._entries[key] = (operation, size)
        self._has_grown(size)

    def grow(self, key: Key, by: int) -> None:
        """Count more bytes of an operation. It may be dropped already."""
        if key in self._entries:
            operation, size = self._entries[key]
            self._entries[key] = (operation, size + by)
            self._has_grown(by)

    def _has_grown(self, by: int) -> None:
        self.bytes += by
        while self.bytes > self._most:
            _, (_, dropped) = self._entries.popitem(last=False)
            self.bytes -= dropped

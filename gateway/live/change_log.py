"""A topic whose records are versions of things, and how a subscriber receives them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from chassis.logs import logger

log = logger(__name__)


class Version(NamedTuple):
    """A version of the thing with this key."""

    key: Hashable
    number: int


@dataclass(frozen=True)
class ChangeLog:
    """A topic of changes. `name` is for the log, `tag` for cursors: those of one topic are invalid for others.

    `version` and `decode` read a record's value, and raise `msgspec.MsgspecError`; `version` is quick. `matches` is
    whether a document is one that a subscription's filter selects, `change` makes what a subscriber receives.

    A log that `is_read_from_start` has versions that are published again, which are no changes: they are known once all
    records were read. Of another one, a version that a subscriber has may come again.
    """

    topic: str
    name: str
    tag: str
    version: Callable[[bytes], Version]
    decode: Callable[[bytes], Any]
    matches: Callable[[Any, Any], bool]
    change: Callable[[Any, str], Any]
    is_read_from_start: bool = True


class ChangeRecord:
    """A record of the log with a new version. `next_position` is the position after it, as it was read."""

    __slots__ = ("_decode", "_document", "_is_unreadable", "_value", "next_position", "offset", "partition")

    def __init__(
        self,
        partition: int,
        offset: int,
        value: bytes,
        next_position: tuple[int, ...],
        decode: Callable[[bytes], Any],
    ) -> None:
        self.partition = partition
        self.offset = offset
        self.next_position = next_position
        self._value = value
        self._decode = decode
        self._document: Any = None
        self._is_unreadable = False

    @property
    def size(self) -> int:
        """The size of the record in bytes."""
        return len(self._value)

    @property
    def document(self) -> Any:
        """The document, decoded on first use; None when it cannot be decoded."""
        if self._document is None and not self._is_unreadable:
            try:
                self._document = self._decode(self._value)
            except msgspec.MsgspecError as error:
                self._is_unreadable = True
                log.warning("unreadable change", partition=self.partition, offset=self.offset, reason=str(error))
        return self._document

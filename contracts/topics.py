"""Topics: name, writer, readers, retention and message type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from contracts.sizes import DEAD_LETTER_BYTES, RECORD_BYTES

Message = TypeVar("Message", bound=msgspec.Struct)


class Kind(StrEnum):
    """The retention of a topic's records."""

    STATE = "state"
    """The newest record of each key is kept: the topic is the current state of its rows."""

    LOG = "log"
    """Every record is kept."""

    PASSING = "passing"
    """Records are kept for a week."""


_DAY_MS = 24 * 60 * 60 * 1000
_WEEK_MS = 7 * _DAY_MS

_FORGOTTEN = {
    "min.compaction.lag.ms": str(_DAY_MS),
    "max.compaction.lag.ms": str(_WEEK_MS),
    "delete.retention.ms": str(_DAY_MS),
}
"""Superseded and deleted records are kept for a day, so that a stopped reader sees them, and are deleted within a week
and a day. Without these settings they would stay until enough of the topic has changed."""


PASSING = {"cleanup.policy": "delete", "retention.ms": str(_WEEK_MS), "segment.ms": str(_DAY_MS)}
"""The settings of a topic with limited retention. The active segment is never deleted, hence a new one each day."""


@dataclass(frozen=True)
class Topic(Generic[Message]):
    """A topic. `key` names the fields of the record's key, `identity` those that identify a row.

    Only `writer` writes it, except for deletions that the reconciliation emits. With `is_personal`, its records have
    personal data, which must be deleted once it is superseded or deleted.
    """

    name: str
    kind: Kind
    message: type[Message]
    key: str
    identity: str
    writer: str
    readers: tuple[str, ...]
    partitions: int = 3
    is_personal: bool = False

    @property
    def dead_letters(self) -> str:
        """The topic of records that a reader could not process."""
        return f"{self.name}.dead-letters"

    @property
    def replay(self) -> str:
        """The topic to which dead letters are replayed.

        On the topic itself they would follow newer records of their row, and compaction would delete those.
        """
        return f"{self.name}.replay"

    @property
    def settings(self) -> dict[str, str]:
        """The topic's settings on the broker. The retention of a log is unlimited."""
        size = {"max.message.bytes": str(RECORD_BYTES)}
        match self.kind:
            case Kind.LOG:
                return {"cleanup.policy": "delete", "retention.ms": "-1", **size}
            case Kind.PASSING:
                return PASSING
            case Kind.STATE:
                return {"cleanup.policy": "compact", **(_FORGOTTEN if self.is_personal else {}), **size}

    @property
    def dead_letter_settings(self) -> dict[str, str]:
        """The settings of the topic of dead letters: each is kept until it is dropped, or 30 days if it is personal.

        A dead letter is dropped by a tombstone, and deleted from disk within two days.
        """
        dropped = {
            "min.compaction.lag.ms": "0",
            "max.compaction.lag.ms": str(_DAY_MS),
            "delete.retention.ms": str(_DAY_MS),
            "max.message.bytes": str(DEAD_LETTER_BYTES),
        }
        if self.is_personal:
            return {"cleanup.policy": "compact,delete", "retention.ms": str(30 * _DAY_MS), **dropped}
        return {"cleanup.policy": "compact", **dropped}

    @property
    def replay_settings(self) -> dict[str, str]:
        """The settings of the topic of replays, which are read once."""
        return {**PASSING, "max.message.bytes": str(DEAD_LETTER_BYTES)}

    def decoder(self) -> Callable[[bytes], Message]:
        """A function that decodes a record's value. Raises `msgspec.MsgspecError`.

        Lax, since Connect writes a boolean column as 0 or 1 and the mark of a deleted row as a string. Columns may have
        their former names (`FORMER_NAMES` of the message).
        """
        decode = msgspec.json.Decoder(self.message, strict=False).decode
        former_names: Mapping[str, str] = getattr(self.message, "FORMER_NAMES", {})
        if not former_names:
            return decode

        def decode_any(value: bytes) -> Message:
            try:
                return decode(value)
            except msgspec.ValidationError:
                if not any(f'"{name}"'.encode() in value for name in former_names):
                    raise
            columns = msgspec.json.decode(value, type=dict[str, Any])
            renamed = {former_names.get(name, name): column for name, column in columns.items()}
            return msgspec.convert(renamed, self.message, strict=False)

        return decode_any

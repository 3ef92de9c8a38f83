"""What a topic is: its name, who writes it, who reads it, how long it stays, what it carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from contracts.sizes import LETTER_BYTES, RECORD_BYTES

Message = TypeVar("Message", bound=msgspec.Struct)


class Kind(StrEnum):
    """How long a topic's records stay."""

    STATE = "state"
    """The newest record of each key stays: the topic is the current state of its rows."""

    LOG = "log"
    """Every record stays for ever."""

    PASSING = "passing"
    """A record is of use when it is read, and gone after a week."""


_DAY_MS = 24 * 60 * 60 * 1000
_WEEK_MS = 7 * _DAY_MS

_FORGOTTEN = {
    "min.compaction.lag.ms": str(_DAY_MS),
    "max.compaction.lag.ms": str(_WEEK_MS),
    "delete.retention.ms": str(_DAY_MS),
}
"""What was superseded or deleted stays for a day, so that a reader who was away hears of it, and is gone after a week
and a day. Without these it would stay until enough of the topic has changed."""


PASSING = {"cleanup.policy": "delete", "retention.ms": str(_WEEK_MS), "segment.ms": str(_DAY_MS)}
"""The settings of a topic whose records pass. The newest segment never goes, hence a new one each day."""


@dataclass(frozen=True)
class Topic(Generic[Message]):
    """One topic. `key` names the fields that make up the record's key; `identity` the fields that tell rows apart.

    `writer` alone writes it, but for the deletions that the reconciliation emits. With `is_personal` its records
    tell of people: what they told must go when it is superseded or deleted.
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
        """The topic where a reader sets aside a record it cannot use."""
        return f"{self.name}.dead-letters"

    @property
    def replay(self) -> str:
        """The topic where dead letters are put to be read again, beside the topic itself.

        On the topic itself they would stand behind newer records of their row, and compaction would drop those.
        """
        return f"{self.name}.replay"

    @property
    def settings(self) -> dict[str, str]:
        """The topic's own settings on the broker. A log is kept for ever, so its retention is unlimited."""
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
        """The settings of the topic of dead letters: each stays until it is dropped, or 30 days if they tell of people.

        A dead letter is dropped by a tombstone, and gone from the disk within two days.
        """
        dropped = {
            "min.compaction.lag.ms": "0",
            "max.compaction.lag.ms": str(_DAY_MS),
            "delete.retention.ms": str(_DAY_MS),
            "max.message.bytes": str(LETTER_BYTES),
        }
        if self.is_personal:
            return {"cleanup.policy": "compact,delete", "retention.ms": str(30 * _DAY_MS), **dropped}
        return {"cleanup.policy": "compact", **dropped}

    @property
    def replay_settings(self) -> dict[str, str]:
        """The settings of the topic of replays: what was read there is of no more use."""
        return {**PASSING, "max.message.bytes": str(LETTER_BYTES)}

    def decoder(self) -> Callable[[bytes], Message]:
        """A function from a record's value to its message. Raises `msgspec.MsgspecError` for one that does not fit.

        Lax, since Connect writes a boolean column as 0 or 1 and the mark of a deleted row as a string.
        """
        return msgspec.json.Decoder(self.message, strict=False).decode

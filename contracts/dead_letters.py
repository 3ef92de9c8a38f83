"""What a dead letter is: a record that a reader could not use, and in its headers where it came from and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_REASON = 500
"""Characters of a reason."""

MOST_TRACE = 8_000
"""Bytes of a trace."""

Headers = Iterable[tuple[str, bytes]]
"""As Kafka's clients give them."""


@dataclass(frozen=True)
class DeadLetter:
    """One record that one consumer set aside. The record's own value is the value of the letter, byte for byte.

    `topic`, `partition`, `offset`, `key` and `timestamp_ms` (milliseconds since 1970) are the record's own, also when
    it failed again after it was replayed; `consumer` is the group that could not use it, `attempts` how often it tried.
    """

    consumer: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    timestamp_ms: int
    reason: str
    trace: str
    attempts: int = 1

    @property
    def identity(self) -> str:
        """`consumer/topic/partition/offset`: the key of the letter on its topic, so that one record is one letter."""
        return f"{self.consumer}/{self.topic}/{self.partition}/{self.offset}"

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers that say all of it; a record without a key has no header `key`."""
        said = {
            "consumer": self.consumer,
            "topic": self.topic,
            "partition": str(self.partition),
            "offset": str(self.offset),
            "timestamp": str(self.timestamp_ms),
            "reason": self.reason[:MOST_REASON],
            "attempts": str(self.attempts),
        }
        written = [(name, _written(text)) for name, text in said.items()]
        trace = ("trace", _written(self.trace)[-MOST_TRACE:])  # its end says most
        return [*written, trace, *([("key", self.key)] if self.key is not None else [])]


def read_letter(headers: Headers) -> DeadLetter:
    """The letter that these headers are of. Raises ValueError when they are not those of a letter."""
    said = dict(headers)
    try:
        numbers: Any = {name: int(said[name]) for name in ("partition", "offset", "attempts")}
        texts: Any = {name: said[name].decode(errors="replace") for name in ("consumer", "topic", "reason", "trace")}
        return DeadLetter(key=said.get("key"), timestamp_ms=int(said["timestamp"]), **numbers, **texts)
    except KeyError as error:
        raise ValueError(f"there is no header {error}") from None


def _written(text: str) -> bytes:
    """As UTF-8; half a character, which no UTF-8 can say, is spelt out."""
    return text.encode(errors="backslashreplace")

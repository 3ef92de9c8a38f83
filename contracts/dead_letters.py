"""A dead letter: a record that a consumer could not process, with its origin and the reason in headers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAX_REASON = 500
"""Characters of a reason."""

MAX_TRACE = 8_000
"""Bytes of a trace."""

Headers = Iterable[tuple[str, bytes]]
"""The headers of a record in aiokafka."""


@dataclass(frozen=True)
class DeadLetter:
    """The dead letter of a record for one consumer. Its value is the value of the record, byte for byte.

    `topic`, `partition`, `offset`, `key` and `timestamp_ms` (milliseconds since 1970) are those of the original record,
    also if it failed again after a replay; `consumer` is the consumer group, `attempts` the number of its attempts.
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
        """The letter as headers; a record without a key has no header `key`."""
        texts = {
            "consumer": self.consumer,
            "topic": self.topic,
            "partition": str(self.partition),
            "offset": str(self.offset),
            "timestamp": str(self.timestamp_ms),
            "reason": self.reason[:MAX_REASON],
            "attempts": str(self.attempts),
        }
        encoded = [(name, _encode(text)) for name, text in texts.items()]
        trace = ("trace", _encode(self.trace)[-MAX_TRACE:])  # the end is the most useful part
        return [*encoded, trace, *([("key", self.key)] if self.key is not None else [])]


def read_letter(headers: Headers) -> DeadLetter:
    """The dead letter with these headers. Raises ValueError if they are not those of a dead letter."""
    values = dict(headers)
    try:
        numbers: Any = {name: int(values[name]) for name in ("partition", "offset", "attempts")}
        texts: Any = {name: values[name].decode(errors="replace") for name in ("consumer", "topic", "reason", "trace")}
        return DeadLetter(key=values.get("key"), timestamp_ms=int(values["timestamp"]), **numbers, **texts)
    except KeyError as error:
        raise ValueError(f"missing header {error}") from None


def _encode(text: str) -> bytes:
    """UTF-8, with lone surrogates escaped."""
    return text.encode(errors="backslashreplace")

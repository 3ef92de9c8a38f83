"""Events as they are stored: type, version of the type, and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from shipping.events.event import Event
from shipping.events.upcasts import UPCASTS

E = TypeVar("E", bound=Event)


class UnknownEvent(Exception):
    """No code here knows this type of event, or this version of it. Skipping it would lose state."""

    def __init__(self, type_name: str, version: int) -> None:
        super().__init__(f"unknown event {type_name} of version {version}")
        self.type_name, self.version = type_name, version


class BrokenStream(Exception):
    """The events of a stream do not begin with its first one, so some are missing."""


class Encoded(NamedTuple):
    """The columns `type`, `type_version` and `data` of an event."""

    type: str
    type_version: int
    data: str


_encode = msgspec.json.Encoder(decimal_format="string").encode


def encode(event: Event) -> Encoded:
    """An event as it is stored."""
    return Encoded(type(event).__name__, event.VERSION, _encode(event).decode())


class Codec(Generic[E]):
    """Reads the events of one kind of stream, which has these types."""

    def __init__(self, types: Sequence[type[E]]) -> None:
        self.types: Mapping[str, type[E]] = {each.__name__: each for each in types}
        """By name, as it is stored."""
        self._decoders = {name: msgspec.json.Decoder(kind).decode for name, kind in self.types.items()}

    def decode(self, type_name: str, version: int, data: str) -> E:
        """A stored event, of any version. Raises UnknownEvent, and `msgspec.MsgspecError` for invalid data."""
        kind = self.types.get(type_name)
        if kind is None:
            raise UnknownEvent(type_name, version)
        if version == kind.VERSION:
            return self._decoders[type_name](data)
        return msgspec.convert(_upcast(kind, version, msgspec.json.decode(data)), kind)

    def decode_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[E]:
        """The events of rows of one stream, in their sequence. Raises like `decode`."""
        return [self.decode(row["type"], row["type_version"], row["data"]) for row in rows]


def _upcast(kind: type[Event], version: int, data: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if version > kind.VERSION:
        raise UnknownEvent(name, version)
    for each in range(version, kind.VERSION):
        step = UPCASTS.get((name, each))
        if step is None:
            raise UnknownEvent(name, version)
        data = step(data)
    return data

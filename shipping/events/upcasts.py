"""Events of old versions, brought to the next version one step at a time. Stored events are never edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Data = dict[str, Any]


def _with_location(data: Data) -> Data:
    """Version 1 named the depot that ships; since version 2 it is any location of stock."""
    rest = {name: value for name, value in data.items() if name != "depot"}
    return {**rest, "location": data["depot"]}


UPCASTS: Mapping[tuple[str, int], Callable[[Data], Data]] = {
    ("ShipmentPlanned", 1): _with_location,
}
"""By type and version, the step from this version to the next."""

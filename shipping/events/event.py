"""What all events have."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened at `at` in the world, which may be long before it is recorded.

    It refers to persons by id and holds nothing personal, so it can be kept for ever. A type whose fields change gets
    the next `VERSION`, a step in `upcasts.py`, and an example in `contracts/examples/`, in `shipping_event_data/` or
    `return_event_data/`; examples of old versions stay.
    """

    VERSION: ClassVar[int] = 1

    at: datetime

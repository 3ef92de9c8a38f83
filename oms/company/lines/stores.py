"""A line of stores.jsonl, the request body made from it, and the line made from a store as it is shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from oms.company.lines.base import Body, Line, body_of, without_nulls

UNKNOWN_COUNTRY = "ZZ"
"""The country of a store that nobody has described: its first heartbeat made it."""


class Store(Line, kw_only=True, frozen=True):
    """One line of stores.jsonl. Latitude and longitude are decimal degrees."""

    id: str
    name: str
    kind: str
    country: str
    region: str | None = None
    city: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    priority: int = 0
    sells_online: bool = True


MEMBERS = tuple(field for field in Store.__struct_encode_fields__)


def store_body(store: Store) -> Body:
    """The body of POST /stores."""
    return body_of(store)


def store_line(shown: Mapping[str, Any]) -> Body:
    """A line of stores.jsonl from a store as `inventory` shows it."""
    return without_nulls({name: shown[name] for name in MEMBERS})

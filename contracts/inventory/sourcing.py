"""The stock of each order: which stores give its units, and for which it waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic


class SourcingStatus(StrEnum):
    """The state of an order's stock as a whole."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    REFUSED = "refused"
    RELEASED = "released"
    SHIPPED = "shipped"
    SHORT = "short"
    BACKORDERED = "backordered"


class SourcedPart(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """Units of a line from one store. `state` is that of the reservation. Its fields are in the order of JSON text."""

    state: str
    quantity: int
    store_id: str
    reservation_id: UUID


class SourcedLine(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """A line of an order and the stores that give its units; `backordered` units have no store yet."""

    sku: str
    parts: list[SourcedPart]
    quantity: int
    backordered: int
    order_line_id: UUID


read_lines = msgspec.json.Decoder(list[SourcedLine]).decode
"""Decode the column `lines` of a sourcing. Raises `msgspec.MsgspecError` if the JSON is invalid."""


def write_lines(lines: Sequence[SourcedLine]) -> str:
    """The column `lines` of a sourcing, as `contracts/json_text.py` writes it: then its digest is that of the views."""
    return msgspec.json.format(msgspec.json.encode(lines), indent=0).decode()


class SourcingRow(Row, kw_only=True, frozen=True):
    """The stock of one order, in one row, so that nobody sees half of it. `lines` is JSON text: see `read_lines`.

    It is about the order's lines at `lines_version`. `reason` explains a refusal, in at most 200 characters. With
    `on_request`, the order was placed before inventory's first start, and somebody asked for a decision about it.
    """

    order_id: UUID
    lines_version: int
    placed_at: datetime
    status: str
    reason: str | None = None
    lines: str
    on_request: bool = False
    decided_at: datetime
    updated_at: datetime

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `lines` is invalid."""
        super().__post_init__()
        read_lines(self.lines)


SOURCING: Topic[SourcingRow] = Topic(
    name="sourcing",
    kind=Kind.STATE,
    message=SourcingRow,
    key="order_id",
    identity="order_id",
    writer="connect:oms-inventory",
    readers=("orders", "orders_stream", "shipping"),
)

"""What the events of a return are made of. Nothing here is about a person."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec


class ReturnedUnits(msgspec.Struct, kw_only=True, frozen=True):
    """Units of an order line that a client wants to return; `reason` is a code."""

    order_line_id: UUID
    quantity: int
    reason: str


class RequestedLine(msgspec.Struct, kw_only=True, frozen=True):
    """Units of an order line that shall come back; `reason` is a code."""

    order_line_id: UUID
    line_number: int
    sku: str
    quantity: int
    reason: str


class ReceivedLine(msgspec.Struct, kw_only=True, frozen=True):
    """Units of an order line that came back, those that can be sold again and the others."""

    order_line_id: UUID
    sellable: int
    damaged: int


class RefundedLine(msgspec.Struct, kw_only=True, frozen=True):
    """What is refunded for so many units of an order line, in the currency of the refund."""

    order_line_id: UUID
    units: int
    amount: Decimal

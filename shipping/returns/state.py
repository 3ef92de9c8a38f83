"""The state of a return, which its events lead to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.order_returns import HAS_UNITS, ReturnLine, ReturnOrigin, ReturnStatus
from shipping.returns.values import RefundedLine

_WITHOUT_UNITS = (ReturnStatus.REFUSED, ReturnStatus.CANCELLED)


class Refund(msgspec.Struct, kw_only=True, frozen=True):
    """A refund that was approved. Amounts are in its currency; `reference` is null until it was paid."""

    lines: tuple[RefundedLine, ...]
    freight: Decimal
    currency: str
    reference: str | None = None

    @property
    def amount(self) -> Decimal:
        """What is refunded in all."""
        return sum((each.amount for each in self.lines), self.freight)


class Return(msgspec.Struct, kw_only=True, frozen=True):
    """A return after `version` events. `reason` is the code of its refusal or cancellation."""

    return_id: UUID
    version: int = 1
    status: ReturnStatus = ReturnStatus.REQUESTED
    order_id: UUID
    customer_id: UUID
    origin: ReturnOrigin
    shipment_id: UUID | None
    lines: tuple[ReturnLine, ...]
    rma_number: str | None = None
    location: str | None = None
    reason: str | None = None
    refund: Refund | None = None
    requested_at: datetime
    authorised_at: datetime | None = None
    refused_at: datetime | None = None
    cancelled_at: datetime | None = None
    received_at: datetime | None = None
    refund_approved_at: datetime | None = None
    refunded_at: datetime | None = None

    @property
    def held(self) -> dict[UUID, int]:
        """The units of each order line that no other return can have: the announced ones until some came back."""
        if self.status in _WITHOUT_UNITS:
            return {}
        came = self.status in HAS_UNITS
        return {line.order_line_id: line.received if came else line.quantity for line in self.lines}

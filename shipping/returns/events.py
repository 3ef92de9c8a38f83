"""The events of a return."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from contracts.order_returns import ReturnOrigin
from shipping.events.codec import Codec
from shipping.events.event import Event
from shipping.returns.values import ReceivedLine, RefundedLine, RequestedLine


class ReturnEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a return."""


class ReturnRequested(ReturnEvent, frozen=True, kw_only=True):
    """Units of an order shall come back, or came back to their sender with the shipment `shipment_id`."""

    order_id: UUID
    customer_id: UUID
    origin: ReturnOrigin
    shipment_id: UUID | None = None
    lines: tuple[RequestedLine, ...]


class ReturnAuthorised(ReturnEvent, frozen=True, kw_only=True):
    """The customer may send the units, under this number."""

    rma_number: str


class ReturnRefused(ReturnEvent, frozen=True, kw_only=True):
    """The customer keeps the units."""

    reason: str


class ReturnCancelled(ReturnEvent, frozen=True, kw_only=True):
    """The units do not come back."""

    reason: str


class ReturnReceived(ReturnEvent, frozen=True, kw_only=True):
    """Units came back to a location. Those of the request that are not here did not come."""

    location: str
    lines: tuple[ReceivedLine, ...]


class RefundApproved(ReturnEvent, frozen=True, kw_only=True):
    """So much shall be refunded for the units that came back, and of the shipping charge."""

    lines: tuple[RefundedLine, ...]
    freight: Decimal
    currency: str


class Refunded(ReturnEvent, frozen=True, kw_only=True):
    """The refund was paid; `reference` names it at the payment provider."""

    reference: str


CODEC: Codec[ReturnEvent] = Codec(ReturnEvent.__subclasses__())
"""How they are stored."""

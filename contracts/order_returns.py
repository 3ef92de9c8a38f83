"""The topic `order_return`: units of an order that come back, and what is refunded for them.

The events of a return are on `shipping_event`, in the stream `return:<id>`; the row is what they lead to. Neither holds
personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic


class ReturnStatus(StrEnum):
    """The status of a return. Databases and topics may contain other values, which are read as text."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RECEIVED = "received"
    REFUND_APPROVED = "refund_approved"
    REFUNDED = "refunded"


HAS_UNITS = frozenset({ReturnStatus.RECEIVED, ReturnStatus.REFUND_APPROVED, ReturnStatus.REFUNDED})
"""The statuses of a return whose units have come back."""


class ReturnOrigin(StrEnum):
    """Why units come back: the customer has them and sends them, or they never reached the customer."""

    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"


class ReturnLine(msgspec.Struct, kw_only=True, frozen=True, gc=False, omit_defaults=False):
    """Units of an order line in a return. Its fields are in the order of JSON text.

    `quantity` is announced; `sellable` and `damaged` are what came back, null before. `amount` is what is refunded for
    them, in the currency of the return, null before the approval. `reason` is a code.
    """

    sku: str
    amount: Decimal | None = None
    reason: str
    damaged: int | None = None
    quantity: int
    sellable: int | None = None
    line_number: int
    order_line_id: UUID

    @property
    def received(self) -> int:
        """The units that came back."""
        return (self.sellable or 0) + (self.damaged or 0)


read_return_lines = msgspec.json.Decoder(list[ReturnLine]).decode
"""Decode the column `lines` of a return. Raises `msgspec.MsgspecError` if the JSON is invalid."""


def write_return_lines(lines: Sequence[ReturnLine]) -> str:
    """The column `lines` of a return, as `contracts/json_text.py` writes it: then its digest is that of the views."""
    return msgspec.json.format(msgspec.json.encode(lines), indent=0).decode()


class OrderReturnRow(Row, kw_only=True, frozen=True):
    """One return in one row. `lines` is JSON text: see `read_return_lines`.

    `shipment_id` is the shipment of a return to sender. `location` is where the units came back. `reason` is the code
    of a refusal or cancellation. `refund_amount` is the sum of the refund: that of the lines, and `refund_freight`;
    `refund_reference` names it at the payment provider. `version` is the number of its events, or more once a repair
    has raised it.
    """

    return_id: UUID
    order_id: UUID
    customer_id: UUID
    origin: str
    shipment_id: UUID | None = None
    status: str
    rma_number: str | None = None
    location: str | None = None
    reason: str | None = None
    lines: str
    refund_amount: Decimal | None = None
    refund_freight: Decimal | None = None
    currency: str | None = None
    refund_reference: str | None = None
    requested_at: datetime
    authorised_at: datetime | None = None
    refused_at: datetime | None = None
    cancelled_at: datetime | None = None
    received_at: datetime | None = None
    refund_approved_at: datetime | None = None
    refunded_at: datetime | None = None
    updated_at: datetime

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `lines` is invalid."""
        super().__post_init__()
        read_return_lines(self.lines)


ORDER_RETURN: Topic[OrderReturnRow] = Topic(
    name="order_return",
    kind=Kind.STATE,
    message=OrderReturnRow,
    key="return_id",
    identity="return_id",
    writer="connect:oms-shipping",
    readers=("orders_stream", "inventory"),
)

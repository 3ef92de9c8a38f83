"""The row that a return's state leads to. Pure."""

from __future__ import annotations

from datetime import datetime

from contracts.order_returns import OrderReturnRow, write_return_lines
from shipping.returns.state import Return


def row_of(state: Return, updated_at: datetime, raised: int = 0) -> OrderReturnRow:
    """The row of a state, whose version was raised by so much."""
    refund = state.refund
    return OrderReturnRow(
        return_id=state.return_id,
        order_id=state.order_id,
        customer_id=state.customer_id,
        origin=state.origin.value,
        shipment_id=state.shipment_id,
        status=state.status.value,
        rma_number=state.rma_number,
        location=state.location,
        reason=state.reason,
        lines=write_return_lines(state.lines),
        refund_amount=refund.amount if refund else None,
        refund_freight=refund.freight if refund else None,
        currency=refund.currency if refund else None,
        refund_reference=refund.reference if refund else None,
        requested_at=state.requested_at,
        authorised_at=state.authorised_at,
        refused_at=state.refused_at,
        cancelled_at=state.cancelled_at,
        received_at=state.received_at,
        refund_approved_at=state.refund_approved_at,
        refunded_at=state.refunded_at,
        updated_at=updated_at,
        version=state.version + raised,
    )

"""Returns and their events as clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from chassis.databases.mysql import Row
from contracts.money import format_amount
from contracts.order_returns import OrderReturnRow, ReturnLine, read_return_lines
from shipping.returns import models
from shipping.returns.events import CODEC
from shipping.shipments.representation import members_of_event


def return_of(row: OrderReturnRow) -> models.Return:
    """A return, of the row that its state leads to."""
    return return_of_columns(msgspec.structs.asdict(row))


def return_of_columns(row: Mapping[str, Any]) -> models.Return:
    """A return, of the columns of its row."""
    parts = {
        "id": row["return_id"],
        "lines": [_line(each, row["currency"]) for each in read_return_lines(row["lines"])],
        "refund": _refund(row),
    }
    as_stored = {name: row[name] for name in models.Return.model_fields if name not in parts}
    return models.Return(**parts, **as_stored)


def event_of(row: Row) -> models.ReturnEvent:
    """An event, of its row."""
    return models.ReturnEvent(**members_of_event(row, CODEC))


def _line(line: ReturnLine, currency: str | None) -> models.ReturnLine:
    return models.ReturnLine(
        order_line_id=line.order_line_id,
        line_number=line.line_number,
        sku=line.sku,
        quantity=line.quantity,
        reason=line.reason,
        sellable=line.sellable,
        damaged=line.damaged,
        refund=format_amount(line.amount, currency) if line.amount is not None and currency is not None else None,
    )


def _refund(row: Mapping[str, Any]) -> models.Refund | None:
    currency = row["currency"]
    if row["refund_amount"] is None:
        return None
    return models.Refund(
        amount=format_amount(row["refund_amount"], currency),
        freight=format_amount(row["refund_freight"], currency),
        currency=currency,
        reference=row["refund_reference"],
    )

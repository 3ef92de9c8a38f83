"""What the writer of the read model and its readers agree on beyond the columns of its tables."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec


class StoredLine(msgspec.Struct, frozen=True, gc=False):
    """A line in the column `lines` of an order. `version` is that of a deletion, if it is `deleted`."""

    order_line_id: UUID
    line_number: int
    sku: str
    product_name: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    delivery_address_id: UUID
    version: int
    deleted: bool


read_lines = msgspec.json.Decoder(list[StoredLine]).decode
"""Decode the lines of an order, selected as JSON. Raises `msgspec.MsgspecError` if the JSON is invalid."""

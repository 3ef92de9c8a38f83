"""Decisions of inventory about orders, as its topic has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.inventory.sourcing import SourcingRow, SourcingStatus
from tests.support.shop.rows import NOON


def a_sourcing(status: str = SourcingStatus.COMMITTED, **changes: Any) -> SourcingRow:
    """The decision about some order with its first lines."""
    values: dict[str, Any] = {
        "order_id": UUID(int=1),
        "lines_version": 1,
        "placed_at": NOON,
        "status": status,
        "lines": "[]",
        "decided_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return SourcingRow(**values | changes)


def sourced(order: Mapping[str, Any], status: str = SourcingStatus.COMMITTED, **changes: Any) -> SourcingRow:
    """The decision about an order as REST shows it."""
    placed_at = datetime.fromisoformat(order["placedAt"])
    return a_sourcing(status, **{"order_id": UUID(order["id"]), "placed_at": placed_at} | changes)

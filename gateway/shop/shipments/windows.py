"""The window in which a van of a depot brings a shipment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from gateway.fields.fields import column, from_row
from gateway.fields.relations import One

WINDOW_COLUMNS = ("depot", "delivery_date", "van", "window_from", "window_to", "window_zone")
"""The columns of a shipment that are its window; all are null without one."""


@strawberry.type(description="When a van of a depot brings a shipment.")
class DeliveryWindow:
    """When a van of a depot brings a shipment."""

    depot: str = column("The depot's id, which is that of its location.")
    day: str = column("The local day of the depot, such as 2026-02-02.", "delivery_date")
    from_: datetime = column("When it begins.", "window_from", sql="({})::timestamptz", shown_as="from")
    to: datetime = column("When it ends; it excludes this moment.", "window_to", sql="({})::timestamptz")
    zone: str = column("The time zone of the depot, such as Europe/Berlin.", "window_zone")
    van: str = column("The code of the van.")


def window_of(row: Mapping[str, Any]) -> DeliveryWindow | None:
    """The window in the columns of a shipment's row; None without one."""
    return None if row["depot"] is None else from_row(DeliveryWindow, row)


_MEMBERS = ", ".join(f"'{name}', {{parent}}.{name}" for name in WINDOW_COLUMNS)

WINDOW = One(f"(SELECT jsonb_build_object({_MEMBERS}) AS value) AS {{it}}", "{parent}.depot IS NOT NULL", is_json=True)

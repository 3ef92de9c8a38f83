"""The stores, as central knows them: where they are, and how fresh its data about them is."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from contracts.rows import Row
from contracts.topics import Kind, Topic


class StoreRow(Row, kw_only=True, frozen=True):
    """A place that holds stock: a shop or a warehouse (`kind`). Higher `priority` is asked first.

    Central has processed everything that the store committed before `fresh_until`; null before the first heartbeat.
    `details_version` is raised by what clients change, and not by signs of life, as `version` is.
    """

    store_id: str
    name: str
    kind: str
    country: str
    region: str | None = None
    city: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    priority: int
    sells_online: bool
    fresh_until: datetime | None = None
    details_version: int = 1
    created_at: datetime
    updated_at: datetime


STORE: Topic[StoreRow] = Topic(
    name="store",
    kind=Kind.STATE,
    message=StoreRow,
    key="store_id",
    identity="store_id",
    writer="connect:oms-inventory",
    readers=("orders_stream",),
)

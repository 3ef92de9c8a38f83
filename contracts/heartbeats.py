"""Heartbeats: one row in each MySQL database, which its connector updates every second.

The row takes the path of all rows, so a heartbeat shows that connector, topic and reader work, even without other
writes: everything that was committed before `beaten_at` is on the topics before the heartbeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.customers import ADDRESS, CUSTOMER
from contracts.depots import DEPOT
from contracts.inventory.availability import AVAILABILITY, SKU_AVAILABILITY
from contracts.inventory.policies import STOCK_POLICY
from contracts.inventory.reservations import RESERVATION
from contracts.inventory.restocks import INBOUND, RESTOCK_REQUEST
from contracts.inventory.sourcing import SOURCING
from contracts.inventory.stores import STORE
from contracts.order_returns import ORDER_RETURN
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import CATEGORY, PRODUCTS
from contracts.rows import Row
from contracts.shipping import SHIPMENT, SHIPPING_EVENT
from contracts.stores import ALLOCATION, RECEIPT, STOCK, STOCK_MOVEMENT, STORE_HEARTBEAT
from contracts.topics import Kind, Topic


class HeartbeatRow(Row, kw_only=True, frozen=True):
    """The only row of the table. `beaten_at` is by MySQL's clock, in UTC."""

    heartbeat_id: int
    beaten_at: datetime


@dataclass(frozen=True)
class Source:
    """A MySQL database: its name, the topic of its heartbeat, and the topics of its rows."""

    database: str
    heartbeat: Topic[HeartbeatRow]
    topics: tuple[Topic[Any], ...]

    @property
    def connector(self) -> str:
        """The connector that reads the database."""
        return self.heartbeat.writer.removeprefix("connect:")


def _source(database: str, *topics: Topic[Any]) -> Source:
    readers = sorted({reader for topic in topics for reader in topic.readers})
    heartbeat = Topic(
        name=f"{database}_heartbeat",
        kind=Kind.PASSING,
        message=HeartbeatRow,
        key="heartbeat_id",
        identity="heartbeat_id",
        writer=f"connect:oms-{database}",
        readers=tuple(readers),
        partitions=1,
    )
    return Source(database, heartbeat, topics)


SOURCES: tuple[Source, ...] = (
    _source("customers", CUSTOMER, ADDRESS),
    _source("products", CATEGORY, PRODUCTS),
    _source("orders", ORDER, ORDER_DETAIL),
    _source(
        "inventory",
        AVAILABILITY,
        SKU_AVAILABILITY,
        RESERVATION,
        SOURCING,
        STORE,
        RESTOCK_REQUEST,
        STOCK_POLICY,
        INBOUND,
    ),
    _source("stores", STOCK, STOCK_MOVEMENT, ALLOCATION, RECEIPT, STORE_HEARTBEAT),
    _source("shipping", SHIPMENT, ORDER_RETURN, DEPOT, SHIPPING_EVENT),
)

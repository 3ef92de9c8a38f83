"""The list of all topics. No other code names a topic by a string."""

from __future__ import annotations

from typing import Any

from contracts.customers import ADDRESS, CUSTOMER
from contracts.depots import DEPOT
from contracts.heartbeats import SOURCES
from contracts.inventory.availability import AVAILABILITY, SKU_AVAILABILITY
from contracts.inventory.policies import STOCK_POLICY
from contracts.inventory.reservations import RESERVATION
from contracts.inventory.restocks import INBOUND, RESTOCK_REQUEST
from contracts.inventory.sourcing import SOURCING
from contracts.inventory.stores import STORE
from contracts.order_returns import ORDER_RETURN
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from contracts.products import CATEGORY, PRODUCTS
from contracts.search_news import PRODUCTS_INDEXED
from contracts.shipping import SHIPMENT, SHIPPING_EVENT
from contracts.stores import ALLOCATION, RECEIPT, STOCK, STOCK_MOVEMENT, STORE_HEARTBEAT
from contracts.topics import Topic

_ROWS: tuple[Topic[Any], ...] = (
    CUSTOMER,
    ADDRESS,
    CATEGORY,
    PRODUCTS,
    ORDER,
    ORDER_DETAIL,
    STOCK,
    ALLOCATION,
    RECEIPT,
    STORE_HEARTBEAT,
    AVAILABILITY,
    SKU_AVAILABILITY,
    RESERVATION,
    SOURCING,
    STORE,
    RESTOCK_REQUEST,
    STOCK_POLICY,
    INBOUND,
    SHIPMENT,
    ORDER_RETURN,
    DEPOT,
)

TOPICS: tuple[Topic[Any], ...] = (*_ROWS, STOCK_MOVEMENT, SHIPPING_EVENT, ORDERS_GRAPH)

CONSUMED: tuple[Topic[Any], ...] = (*_ROWS, ORDERS_GRAPH)
"""The topics whose records workers process; each has a topic of dead letters and one of replays."""

HEARTBEATS: tuple[Topic[Any], ...] = tuple(source.heartbeat for source in SOURCES)
"""Topics of heartbeats, which show that the pipeline works when there are no other writes."""

NOTIFICATIONS: tuple[Topic[Any], ...] = (PRODUCTS_INDEXED,)
"""Topics that wake readers that wait for a view."""


def every_topic() -> list[tuple[str, int, dict[str, str]]]:
    """Name, partitions and settings of each topic that must exist, dead letters included."""
    topics = [(topic.name, topic.partitions, topic.settings) for topic in (*TOPICS, *HEARTBEATS, *NOTIFICATIONS)]
    dead_letters = [(topic.dead_letters, 1, topic.dead_letter_settings) for topic in CONSUMED]
    return topics + dead_letters + [(topic.replay, topic.partitions, topic.replay_settings) for topic in CONSUMED]

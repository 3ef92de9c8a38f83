"""The tables that are compared, and their views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.customers import ADDRESS, CUSTOMER
from contracts.depots import DEPOT
from contracts.digests import Kind, columns
from contracts.heartbeats import SOURCES
from contracts.inventory.availability import AVAILABILITY, SKU_AVAILABILITY
from contracts.inventory.policies import STOCK_POLICY
from contracts.inventory.restocks import RESTOCK_REQUEST
from contracts.inventory.sourcing import SOURCING
from contracts.inventory.stores import STORE
from contracts.order_returns import ORDER_RETURN
from contracts.orders import ORDER, ORDER_DETAIL, DeliveryAddress
from contracts.products import CATEGORY, PRODUCTS, StockedProduct
from contracts.rows import Row
from contracts.shipping import SHIPMENT
from contracts.topics import Topic

OF_ORDER = ("order_id", "lines_version")
"""The columns of a line that name its order and the version of its lines."""


@dataclass(frozen=True)
class Lines:
    """The lines of an order, rows of a table of their own in MySQL: those of the order's `lines_version`.

    In the read model they are a column of the order, in which `renamed` columns have another name.
    """

    topic: Topic[Any]
    renamed: Mapping[str, str]

    @property
    def columns(self) -> Mapping[str, Kind]:
        """The columns that are compared; the others are those of the order."""
        row: type[Row] = self.topic.message
        return {name: kind for name, kind in columns(row).items() if name not in OF_ORDER}

    @property
    def columns_in_read_model(self) -> Mapping[str, Kind]:
        """Like `columns`, with their names in the read model."""
        return {self.renamed.get(name, name): kind for name, kind in self.columns.items()}


@dataclass(frozen=True)
class Replica:
    """A table of a service, by default of `orders`, with the columns it needs of another service's rows.

    `columns` have their original names; the `documented` ones are members of its JSON column `details`.
    """

    table: str
    columns: tuple[str, ...]
    documented: tuple[str, ...] = ()
    database: str = "orders"


@dataclass(frozen=True)
class DeletedKeys:
    """The table in which a service keeps the version of each deletion, by `key`.

    A row that is created again under its key starts above it.
    """

    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """One captured table of MySQL, named like its topic, and its projections. `projection` is its read-model table.
    One that `is_searched` is in the search index, with its stock.

    Rows with `lines` are compared and repaired with them.
    """

    topic: Topic[Any]
    projection: str | None
    lines: Lines | None = None
    is_searched: bool = False
    replica: Replica | None = None
    deleted_keys: DeletedKeys | None = None

    @property
    def name(self) -> str:
        """The table's name in MySQL."""
        return self.topic.name

    @property
    def database(self) -> str:
        """The database of the table."""
        return next(source.database for source in SOURCES if self.topic in source.topics)

    @property
    def key(self) -> str:
        """The column of the primary key."""
        return self.topic.identity

    def can_have(self, key: str) -> bool:
        """Whether a row of MySQL can have this key: without a SKU it is ASCII, and comparing others raises an error."""
        return self.key in ("sku", "stock_id", "policy_id") or key.isascii()

    @property
    def columns(self) -> Mapping[str, Kind]:
        """The columns that are published, each with its kind."""
        row: type[Row] = self.topic.message
        return columns(row)

    @property
    def searched_columns(self) -> Mapping[str, Kind]:
        """The columns that the search index has: those of the table, and those of its stock."""
        return columns(StockedProduct) if self.is_searched else {}


_CUSTOMERS = Replica("replica_customer", ("customer_id", "active", "version"))
_ADDRESSES = Replica(
    "replica_address",
    ("address_id", "customer_id", "version"),
    tuple(name for name in DeliveryAddress.__struct_fields__ if name != "address_id"),
)
_PRODUCTS = Replica("replica_product", ("sku", "name", "price", "currency", "active", "version"))
_SOURCINGS = Replica("replica_sourcing", ("order_id", "placed_at", "on_request", "version"))
_SKU_AVAILABILITIES = Replica("replica_sku_availability", ("sku", "available_at", "version"), database="products")
_DELETED_IDS = DeletedKeys("deleted_id", "id")
_KNOWN_SLUGS = DeletedKeys("known_category", "slug")
_KNOWN_DEPOTS = DeletedKeys("known_depot", "depot")
_KNOWN_SKUS = DeletedKeys("known_sku", "sku")
_LINES = Lines(ORDER_DETAIL, {"order_detail_id": "order_line_id"})

TABLES = {
    table.name: table
    for table in (
        Table(CUSTOMER, "customer", replica=_CUSTOMERS, deleted_keys=_DELETED_IDS),
        Table(ADDRESS, "address", replica=_ADDRESSES, deleted_keys=_DELETED_IDS),
        Table(CATEGORY, "category", deleted_keys=_KNOWN_SLUGS),
        Table(PRODUCTS, "product", is_searched=True, replica=_PRODUCTS, deleted_keys=_KNOWN_SKUS),
        Table(ORDER, "sales_order", lines=_LINES),
        Table(STORE, "store"),
        Table(AVAILABILITY, "availability"),
        Table(SKU_AVAILABILITY, None, replica=_SKU_AVAILABILITIES),
        Table(SOURCING, "sourcing", replica=_SOURCINGS),
        Table(RESTOCK_REQUEST, "restock_request"),
        Table(STOCK_POLICY, "stock_policy"),
        Table(SHIPMENT, "shipment"),
        Table(ORDER_RETURN, "order_return"),
        Table(DEPOT, "depot", deleted_keys=_KNOWN_DEPOTS),
    )
}

"""Which tables are compared, and where each of their rows is to be found in the views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.customers import ADDRESS, CUSTOMER
from contracts.digests import Kind, columns
from contracts.heartbeats import SOURCES
from contracts.orders import ORDER, ORDER_DETAIL, DeliveryAddress
from contracts.products import PRODUCTS
from contracts.rows import Row
from contracts.topics import Topic


@dataclass(frozen=True)
class Projection:
    """A table of the read model that has the rows of a topic; `renamed` are columns that have another name there."""

    table: str
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Replica:
    """A table in which `orders` keeps what it needs of another service's rows.

    `columns` are called there as they are in the original; its JSON `details` has those that are `documented`.
    """

    table: str
    columns: tuple[str, ...]
    documented: tuple[str, ...] = ()
    database: str = "orders"


@dataclass(frozen=True)
class DeletedKeys:
    """A table beside the captured one, in which its service keeps the version of each deletion, by `key`.

    A row that comes back under its key goes on above it.
    """

    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """One captured table of MySQL, which is called as its topic is, and where its rows are projected to."""

    topic: Topic[Any]
    projections: tuple[Projection, ...]
    is_searched: bool = False
    replica: Replica | None = None
    deleted_keys: DeletedKeys | None = None

    @property
    def name(self) -> str:
        """The table's name in MySQL."""
        return self.topic.name

    @property
    def database(self) -> str:
        """The database that has it."""
        return next(source.database for source in SOURCES if self.topic in source.topics)

    @property
    def key(self) -> str:
        """The column of the primary key."""
        return self.topic.identity

    @property
    def columns(self) -> Mapping[str, Kind]:
        """The columns that go to the views, each with its kind."""
        row: type[Row] = self.topic.message
        return columns(row)


_CUSTOMERS = Replica("replica_customer", ("customer_id", "active", "version"))
_ADDRESSES = Replica(
    "replica_address",
    ("address_id", "customer_id", "version"),
    tuple(name for name in DeliveryAddress.__struct_fields__ if name != "address_id"),
)
_PRODUCTS = Replica("replica_product", ("sku", "name", "price", "currency", "active", "version"))
_DELETED_IDS = DeletedKeys("deleted_id", "id")
_KNOWN_SKUS = DeletedKeys("known_sku", "sku")

TABLES = {
    table.name: table
    for table in (
        Table(CUSTOMER, (Projection("customer"),), replica=_CUSTOMERS, deleted_keys=_DELETED_IDS),
        Table(ADDRESS, (Projection("address"),), replica=_ADDRESSES, deleted_keys=_DELETED_IDS),
        Table(PRODUCTS, (Projection("product"),), is_searched=True, replica=_PRODUCTS, deleted_keys=_KNOWN_SKUS),
        Table(ORDER, (Projection("heard_order"), Projection("shown_order"))),
        Table(ORDER_DETAIL, (Projection("order_line", {"order_detail_id": "order_line_id"}),)),
    )
}

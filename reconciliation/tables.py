"""The tables that are compared, and their views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.customers import ADDRESS, CUSTOMER
from contracts.digests import Kind, columns
from contracts.heartbeats import SOURCES
from contracts.orders import ORDER, ORDER_DETAIL, DeliveryAddress
from contracts.products import CATEGORY, PRODUCTS
from contracts.rows import Row
from contracts.topics import Topic


@dataclass(frozen=True)
class Projection:
    """A table of the read model with the rows of a topic; `renamed` maps columns that have another name there."""

    table: str
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Replica:
    """A table of `orders` with the columns it needs of another service's rows.

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
    """One captured table of MySQL, named like its topic, and its projections."""

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
        """The database of the table."""
        return next(source.database for source in SOURCES if self.topic in source.topics)

    @property
    def key(self) -> str:
        """The column of the primary key."""
        return self.topic.identity

    def can_have(self, key: str) -> bool:
        """Whether a row of MySQL can have this key: all but SKUs are ASCII, and comparing others raises an error."""
        return self.key == "sku" or key.isascii()

    @property
    def columns(self) -> Mapping[str, Kind]:
        """The columns that are published, each with its kind."""
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
_KNOWN_SLUGS = DeletedKeys("known_category", "slug")
_KNOWN_SKUS = DeletedKeys("known_sku", "sku")

TABLES = {
    table.name: table
    for table in (
        Table(CUSTOMER, (Projection("customer"),), replica=_CUSTOMERS, deleted_keys=_DELETED_IDS),
        Table(ADDRESS, (Projection("address"),), replica=_ADDRESSES, deleted_keys=_DELETED_IDS),
        Table(CATEGORY, (Projection("category"),), deleted_keys=_KNOWN_SLUGS),
        Table(PRODUCTS, (Projection("product"),), is_searched=True, replica=_PRODUCTS, deleted_keys=_KNOWN_SKUS),
        Table(ORDER, (Projection("heard_order"), Projection("shown_order"))),
        Table(ORDER_DETAIL, (Projection("order_line", {"order_detail_id": "order_line_id"}),)),
    )
}

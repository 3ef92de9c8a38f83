"""Opens the databases that are compared, with few connections and a timeout for each statement."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from elasticsearch import AsyncElasticsearch

from chassis import settings
from chassis.databases import elasticsearch, mysql, postgres
from contracts.products import SEARCH_INDEX
from reconciliation.mysql_table import MySQLTable
from reconciliation.read_model_table import FreshUntil, ReadModelTable
from reconciliation.replica_table import ReplicaTable
from reconciliation.rows import Source, View
from reconciliation.search_index import SearchIndex
from reconciliation.tables import Table

CONNECTIONS = 9
"""To each database: three statements on each of two ranges (MySQL has the replica, too), the search for the next two
range ends, and the health check."""

TIMEOUT_S = 60.0
"""Time limit of a statement, of one check of stock, and of a request to Elasticsearch."""

READ_MODEL, SEARCH, REPLICA = "read_model", "search", "replica"
EVERY_VIEW = frozenset({READ_MODEL, SEARCH, REPLICA})


@dataclass(frozen=True)
class Databases:
    """MySQL, one schema of Postgres, one index of Elasticsearch."""

    mysql: mysql.Database
    postgres: postgres.Database
    elasticsearch: AsyncElasticsearch
    index: str
    is_deep: bool = False
    fresh_until: FreshUntil | None = None

    def source(self, table: Table) -> Source:
        """The table in MySQL."""
        return MySQLTable(self.mysql, table)

    def views(self, table: Table, wanted: frozenset[str] = EVERY_VIEW) -> list[View]:
        """The views of the table: in the read model, the search index and the replica of another service."""
        read_model: list[View] = [ReadModelTable(self.postgres, table, self.fresh_until)] if table.projection else []
        search: list[View] = (
            [SearchIndex(self.elasticsearch, self.index, is_deep=self.is_deep)] if table.is_searched else []
        )
        replica: list[View] = [ReplicaTable(self.mysql, table, table.replica)] if table.replica else []
        by_name = {READ_MODEL: read_model, SEARCH: search, REPLICA: replica}
        return [view for name, views in by_name.items() if name in wanted for view in views]


def compared_mysql() -> mysql.Database:
    """MySQL with Debezium's account, which may read all; a statement times out after `OMS_RECONCILE_TIMEOUT_S`."""
    timeout_s = settings.seconds("OMS_RECONCILE_TIMEOUT_S", TIMEOUT_S)
    source = settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None)
    return mysql.Database(replace(source, timeout_s=timeout_s, wait_s=timeout_s, pool_size=CONNECTIONS))


@asynccontextmanager
async def open_databases(
    schema: str = "read_model",
    index: str = SEARCH_INDEX,
    *,
    is_deep: bool = False,
    fresh_until: FreshUntil | None = None,
) -> AsyncIterator[Databases]:
    """Open the live databases, or another schema and another index of them.

    A statement times out after `OMS_RECONCILE_TIMEOUT_S`. With `is_deep`, each document is fetched and compared.
    A schema that is being filled has no freshness of its own: `fresh_until` tells it.
    """
    timeout_s = settings.seconds("OMS_RECONCILE_TIMEOUT_S", TIMEOUT_S)
    view = settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD", schema=schema)
    search = elasticsearch.client()
    databases = Databases(
        compared_mysql(),
        postgres.Database(replace(view, timeout_s=timeout_s, pool_size=CONNECTIONS)),
        search.options(request_timeout=timeout_s),
        index,
        is_deep,
        fresh_until,
    )
    try:
        yield databases
    finally:
        await databases.mysql.close()
        await databases.postgres.close()
        await search.close()

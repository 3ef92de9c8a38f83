"""The Kafka process of `products`: maintains the search index."""

from __future__ import annotations

from functools import partial

from chassis.databases.elasticsearch import client
from chassis.databases.migrations import migrate_mysql
from chassis.kafka.batch_producer import Sender
from chassis.kafka.client import partitions_of
from chassis.kafka.offsets import Offset
from chassis.kafka.worker import Worker
from chassis.rest import idempotency
from contracts.inventory.availability import SKU_AVAILABILITY
from contracts.products import PRODUCTS
from contracts.search_news import PRODUCTS_INDEXED
from products.agents import index_stock
from products.indexing import freshness, search, stock
from products.indexing.news import index_and_announce, note_and_announce
from products.settings import MIGRATIONS, database, replicas

_END = 2**62
"""An offset after all records."""


def worker() -> Worker:
    """The worker with its resources."""
    own, elasticsearch, sender = database(), client(), Sender(PRODUCTS_INDEXED.name)

    async def prepare() -> None:
        await migrate_mysql(own, idempotency.MIGRATIONS, MIGRATIONS)
        await search.make_index(elasticsearch, replicas())
        await freshness.make_index(elasticsearch, replicas())

    async def view_offsets() -> Offset | None:
        if await search.is_empty(elasticsearch):
            return {}
        if await stock.is_empty(own):  # only the stock is read again
            return dict.fromkeys(await partitions_of([PRODUCTS.name]), _END)
        return None

    async def close() -> None:
        await sender.close()
        await elasticsearch.close()
        await own.close()

    made = Worker(
        "products",
        "products_worker",
        checks={"elasticsearch": partial(search.check_index, elasticsearch), "mysql": own.ping},
        prepare=prepare,
        view_offsets=view_offsets,
        close=close,
    )
    made.reads(PRODUCTS, handle=index_and_announce(elasticsearch, own, sender))
    made.reads(SKU_AVAILABILITY, handle=index_stock(elasticsearch, own))
    made.keeps_fresh(note_and_announce(elasticsearch, sender))
    return made


if __name__ == "__main__":
    worker().run()

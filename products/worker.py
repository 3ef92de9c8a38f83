"""The Kafka process of `products`: maintains the search index."""

from __future__ import annotations

from functools import partial

from chassis.databases.elasticsearch import client
from chassis.kafka.batch_producer import Sender
from chassis.kafka.offsets import Offset
from chassis.kafka.worker import Worker
from contracts.products import PRODUCTS
from contracts.search_news import PRODUCTS_INDEXED
from products.indexing import freshness, search
from products.indexing.news import index_and_announce, note_and_announce
from products.settings import replicas


def worker() -> Worker:
    """The worker with its resources."""
    elasticsearch, sender = client(), Sender(PRODUCTS_INDEXED.name)

    async def prepare() -> None:
        await search.make_index(elasticsearch, replicas())
        await freshness.make_index(elasticsearch, replicas())

    async def view_offsets() -> Offset | None:
        return {} if await search.is_empty(elasticsearch) else None

    async def close() -> None:
        await sender.close()
        await elasticsearch.close()

    made = Worker(
        "products",
        "products_worker",
        checks={"elasticsearch": partial(search.check_index, elasticsearch)},
        prepare=prepare,
        view_offsets=view_offsets,
        close=close,
    )
    made.reads(PRODUCTS, handle=index_and_announce(elasticsearch, sender))
    made.keeps_fresh(note_and_announce(elasticsearch, sender))
    return made


if __name__ == "__main__":
    worker().run()

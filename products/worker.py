"""The Kafka process of `products`: keeps the search index."""

from __future__ import annotations

from functools import partial

from chassis.elasticsearch import client
from chassis.offsets import Offset
from chassis.worker import Worker
from contracts.products import PRODUCTS
from products import freshness, search
from products.agents import index_products
from products.settings import replicas


def worker() -> Worker:
    """The whole worker with what it needs."""
    elasticsearch = client()

    async def prepare() -> None:
        await search.make_index(elasticsearch, replicas())
        await freshness.make_index(elasticsearch, replicas())

    async def taken_in() -> Offset | None:
        return {} if await search.is_empty(elasticsearch) else None

    made = Worker(
        "products",
        "products_worker",
        checks={"elasticsearch": partial(search.check_index, elasticsearch)},
        prepare=prepare,
        taken_in=taken_in,
        close=elasticsearch.close,
    )
    made.reads(PRODUCTS, handle=partial(index_products, elasticsearch))
    made.keeps_fresh(partial(freshness.note, elasticsearch))
    return made


if __name__ == "__main__":
    worker().run()

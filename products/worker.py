"""The Kafka process of `products`: keeps the search index."""

from __future__ import annotations

from functools import partial

from chassis.elasticsearch import client
from chassis.worker import Worker
from contracts.products import PRODUCTS
from products import search
from products.agents import index_products
from products.settings import replicas


def worker() -> Worker:
    """The whole worker with what it needs."""
    elasticsearch = client()
    made = Worker(
        "products",
        "products_worker",
        checks={"elasticsearch": partial(search.check_index, elasticsearch)},
        prepare=partial(search.make_index, elasticsearch, replicas()),
        is_empty=partial(search.is_empty, elasticsearch),
        close=elasticsearch.close,
    )
    made.reads(PRODUCTS, handle=partial(index_products, elasticsearch))
    return made


if __name__ == "__main__":
    worker().run()

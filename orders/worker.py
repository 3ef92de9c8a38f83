"""The Kafka process of `orders`: keeps the replica."""

from __future__ import annotations

from chassis import idempotency
from chassis.migrations import migrate_mysql
from chassis.worker import Worker
from orders import replica
from orders.agents import listen
from orders.settings import MIGRATIONS, database


def main() -> None:
    """Run the worker until SIGTERM."""
    own = database()

    async def is_empty() -> bool:
        async with own.reading() as connection:
            return await replica.is_empty(connection)

    worker = Worker(
        "orders",
        "orders_worker",
        checks={"mysql": own.ping},
        prepare=lambda: migrate_mysql(own, idempotency.MIGRATIONS, MIGRATIONS),
        is_empty=is_empty,
        close=own.close,
    )
    listen(worker, own)
    worker.run()


if __name__ == "__main__":
    main()

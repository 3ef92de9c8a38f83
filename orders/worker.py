"""The Kafka process of `orders`: keeps the replica."""

from __future__ import annotations

from chassis import idempotency
from chassis.freshness import FreshUntil
from chassis.migrations import migrate_mysql
from chassis.offsets import Offset
from chassis.worker import Worker
from orders import replica
from orders.agents import listen
from orders.settings import MIGRATIONS, database


def main() -> None:
    """Run the worker until SIGTERM."""
    own = database()

    async def taken_in() -> Offset | None:
        async with own.reading() as connection:
            return {} if await replica.is_empty(connection) else None

    async def note_freshness(_: FreshUntil) -> None:
        """The metric says it, and nobody else asks."""

    worker = Worker(
        "orders",
        "orders_worker",
        checks={"mysql": own.ping},
        prepare=lambda: migrate_mysql(own, idempotency.MIGRATIONS, MIGRATIONS),
        taken_in=taken_in,
        close=own.close,
    )
    listen(worker, own)
    worker.keeps_fresh(note_freshness)
    worker.run()


if __name__ == "__main__":
    main()

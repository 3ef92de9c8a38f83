"""The Kafka process of `orders`: maintains the replica."""

from __future__ import annotations

from chassis.databases.migrations import migrate_mysql
from chassis.kafka.freshness import FreshUntil
from chassis.kafka.offsets import Offset
from chassis.kafka.worker import Worker
from chassis.rest import idempotency
from orders.agents import listen
from orders.replica import freshness as replica_freshness
from orders.replica import repository as replica
from orders.settings import MIGRATIONS, database


def main() -> None:
    """Run the worker until SIGTERM."""
    own = database()

    async def view_offsets() -> Offset | None:
        async with own.reading() as connection:
            if not await replica.is_empty(connection):
                return None
            await replica_freshness.forget(connection)
            return {}

    async def note_freshness(fresh: FreshUntil) -> None:
        async with own.reading() as connection:
            await replica_freshness.note(connection, fresh)

    worker = Worker(
        "orders",
        "orders_worker",
        checks={"mysql": own.ping},
        prepare=lambda: migrate_mysql(own, idempotency.MIGRATIONS, MIGRATIONS),
        view_offsets=view_offsets,
        close=own.close,
    )
    listen(worker, own)
    worker.keeps_fresh(note_freshness)
    worker.run()


if __name__ == "__main__":
    main()

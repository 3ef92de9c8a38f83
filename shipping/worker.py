"""The Kafka process of `shipping`: follows orders, their sourcing and their customers."""

from __future__ import annotations

from chassis.databases.migrations import migrate_mysql
from chassis.kafka.freshness import FreshUntil
from chassis.kafka.offsets import Offset
from chassis.kafka.worker import Worker
from chassis.rest import idempotency
from shipping import settings
from shipping.agents import listen
from shipping.replica import repository as replica
from shipping.times import now


async def _note_freshness(_: FreshUntil) -> None:
    """Nothing: how fresh shipping is of other services' rows is only a metric."""


def main() -> None:
    """Run the worker until SIGTERM."""
    own = settings.database()

    async def prepare() -> None:
        await migrate_mysql(own, idempotency.MIGRATIONS, settings.MIGRATIONS)

    async def view_offsets() -> Offset | None:
        async with own.reading() as connection:
            return {} if await replica.is_empty(connection) else None

    worker = Worker(
        "shipping",
        "shipping_worker",
        checks={"mysql": own.ping},
        prepare=prepare,
        view_offsets=view_offsets,
        close=own.close,
    )
    listen(worker, own, now)
    worker.keeps_fresh(_note_freshness)
    worker.run()


if __name__ == "__main__":
    main()

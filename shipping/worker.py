"""The Kafka process of `shipping`: follows orders, their sourcing and their customers."""

from __future__ import annotations

from chassis.databases.migrations import migrate_mysql
from chassis.http.errors.problems import Unavailable
from chassis.kafka.freshness import FreshUntil
from chassis.kafka.offsets import Offset
from chassis.kafka.worker import Worker
from chassis.logs import logger
from chassis.rest import idempotency
from shipping import settings
from shipping.agents import listen
from shipping.carriers.recording import sweep
from shipping.replica import repository as replica
from shipping.times import now

log = logger(__name__)

SWEEP_S = 30.0
"""Between two sweeps of what carriers reported."""


async def _note_freshness(_: FreshUntil) -> None:
    """Nothing: how fresh shipping is of other services' rows is only a metric."""


def main() -> None:
    """Run the worker until SIGTERM."""
    own = settings.database()

    async def prepare() -> None:
        await migrate_mysql(own, idempotency.MIGRATIONS, settings.MIGRATIONS)
        async with own.reading() as connection:
            await replica.begin_shipping(connection, now())

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

    async def sweep_carriers() -> None:
        try:
            await sweep(own, now)
        except Unavailable as error:
            log.warning("failed, repeated later", what="sweep of carriers' messages", reason=repr(error))
        except Exception as error:  # it must not end the worker
            log.error("failed, repeated later", what="sweep of carriers' messages", exc_info=error)

    worker.app.timer(SWEEP_S)(sweep_carriers)
    worker.run()


if __name__ == "__main__":
    main()

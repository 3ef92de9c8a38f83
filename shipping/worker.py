"""The Kafka process of `shipping`: follows orders, their sourcing and their customers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import Gauge

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
from shipping.days.verifying import verify_days
from shipping.replica import repository as replica
from shipping.returns.verifying import verify as verify_returns
from shipping.shipments.verifying import verify as verify_shipments
from shipping.times import now

log = logger(__name__)

SWEEP_S = 30.0
"""Between two sweeps of what carriers reported."""

VERIFY_S = 3600.0
"""Between two comparisons of all shipments, returns and days with their events."""

MOST_LOGGED = 100

FAULTS = Gauge(
    "oms_shipping_faults", "Shipments, returns and days that are not as their events say, at the last verification"
)


def _safely(what: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The work, which is repeated later if it fails, whatever the reason: it must not end the worker."""

    async def run() -> None:
        try:
            await work()
        except Unavailable as error:
            log.warning("failed, repeated later", what=what, reason=repr(error))
        except Exception as error:
            log.error("failed, repeated later", what=what, exc_info=error)

    run.__qualname__ = what  # its name in Faust's logs
    return run


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
        await sweep(own, now)

    async def verify_all() -> None:
        found = [each for verify in (verify_shipments, verify_returns, verify_days) async for each in verify(own)]
        FAULTS.set(len(found))
        for each in found[:MOST_LOGGED]:
            log.error("row differs from its events", identity=each.identity, what=each.what)

    worker.app.timer(SWEEP_S)(_safely("sweep of carriers' messages", sweep_carriers))
    worker.app.timer(VERIFY_S)(_safely("verification of events", verify_all))
    worker.run()


if __name__ == "__main__":
    main()

"""The Kafka process of `inventory`: decides the stock of orders, and takes over what stores say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiokafka.errors import KafkaError

from chassis.databases.migrations import migrate_mysql
from chassis.http.errors.problems import Unavailable
from chassis.kafka.freshness import FreshUntil
from chassis.kafka.offsets import Offset
from chassis.kafka.worker import Worker
from chassis.logs import logger
from chassis.rest import idempotency
from inventory import availability_rows, settings
from inventory.agents import listen
from inventory.answers.heartbeats import Heartbeats, StockOffsets
from inventory.orders.terms import begin_sourcing
from inventory.redis.pipeline import Pipeline
from inventory.redis.stock import RedisStock
from inventory.restocking.supplier import supply
from inventory.sku_availability.refreshing import refresh
from inventory.sweeps import end_old_backorders, source_short, sweep
from inventory.times import aware_now as now

log = logger(__name__)

GROUP = "inventory"

COMMIT_S = 0.25
"""How late a store's heartbeat is noted at least: its rows count as processed once their offsets are committed."""

SWEEP_S = 1.0
SHORT_S = 30.0
REFRESH_S = 300.0
"""Between two corrections of what only a repair, or a change by hand, leaves wrong."""

IS_EMPTY = """
SELECT NOT EXISTS (SELECT 1 FROM availability) AND NOT EXISTS (SELECT 1 FROM replica_order)
    AND NOT EXISTS (SELECT 1 FROM replica_product) AS is_empty
"""


async def _note_freshness(_: FreshUntil) -> None:
    """Nothing: how fresh inventory is of other services' rows is only a metric."""


def _safely(what: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The work, which is repeated later if it fails, whatever the reason: it must not end the worker."""

    async def run() -> None:
        try:
            await work()
        except (Unavailable, KafkaError) as error:
            log.warning("failed, repeated later", what=what, reason=repr(error))
        except Exception as error:
            log.error("failed, repeated later", what=what, exc_info=error)

    run.__qualname__ = what  # its name in Faust's logs
    return run


def main() -> None:
    """Run the worker until SIGTERM."""
    own, offsets = settings.database(), StockOffsets(GROUP)
    redis = RedisStock(Pipeline(settings.stock_redis()))
    heartbeats = Heartbeats(own, now, offsets.ends, offsets.processed)

    async def prepare() -> None:
        await migrate_mysql(own, idempotency.MIGRATIONS, settings.MIGRATIONS)
        await begin_sourcing(own, now())
        changed = await availability_rows.apply_margins(own, settings.SAFETY_MARGIN, now())
        if changed:
            log.info("safety margins changed", rows=changed)
        corrected = await refresh(own)
        if corrected:
            log.info("stores that have units corrected", skus=corrected)

    async def view_offsets() -> Offset | None:
        async with own.reading() as connection:
            row = await connection.fetch_one(IS_EMPTY)
        return {} if row and row["is_empty"] else None

    async def close() -> None:
        await offsets.close()
        await redis.close()
        await own.close()

    worker = Worker(
        GROUP,
        "inventory_worker",
        checks={"mysql": own.ping},
        prepare=prepare,
        view_offsets=view_offsets,
        close=close,
        commit_s=COMMIT_S,
    )
    listen(worker, own, redis, heartbeats, now)
    worker.keeps_fresh(_note_freshness)

    async def sweep_due() -> None:
        await sweep(own, now)
        await heartbeats.advance()

    async def source_all_short() -> None:
        await source_short(own, now)
        await end_old_backorders(own, now)

    async def refresh_all() -> None:
        await refresh(own)

    async def supply_due() -> None:
        await supply(own, now, settings.SUPPLIER_STEP_S)

    worker.app.timer(SWEEP_S)(_safely("sweep", sweep_due))
    if settings.SUPPLIER_SIMULATED:
        worker.app.timer(SWEEP_S)(_safely("simulated supplier", supply_due))
    worker.app.timer(SHORT_S)(_safely("sourcing of short and old orders", source_all_short))
    worker.app.timer(REFRESH_S)(_safely("correction of the stores that have units", refresh_all))
    worker.run()


if __name__ == "__main__":
    main()

"""The Kafka process of `orders`: keeps the replica."""

from __future__ import annotations

from chassis.migrations import migrate_mysql
from chassis.worker import Worker
from orders.agents import listen
from orders.settings import MIGRATIONS, database


def main() -> None:
    """Run the worker until SIGTERM."""
    replica = database()
    worker = Worker(
        "orders",
        "orders_worker",
        checks={"mysql": replica.ping},
        prepare=lambda: migrate_mysql(replica, MIGRATIONS),
        close=replica.close,
    )
    listen(worker, replica)
    worker.run()


if __name__ == "__main__":
    main()

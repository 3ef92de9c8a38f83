"""`oms prepare`: waits for the servers and creates databases, accounts and topics. Safe to repeat."""

from __future__ import annotations

import asyncio

from chassis import logs
from chassis.logs import logger
from chassis.retrying import until_done
from oms.kafka import silence_client_log
from oms.prepare.mysql import prepare_mysql
from oms.prepare.postgres import prepare_postgres
from oms.prepare.topics import create_topics

log = logger(__name__)


async def _prepare_topics() -> None:
    await create_topics()


async def prepare_all() -> None:
    """Wait for each server and create what it needs, concurrently."""
    await asyncio.gather(
        until_done("MySQL databases and accounts", prepare_mysql),
        until_done("Postgres database and accounts", prepare_postgres),
        until_done("topics", _prepare_topics),
    )


def prepare() -> None:
    """Create databases, accounts and topics; wait until all exist."""
    logs.configure("prepare")
    silence_client_log()  # until_done logs the reason instead
    asyncio.run(prepare_all())
    log.info("prepared")

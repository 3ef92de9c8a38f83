"""The common HTTP process of services that write to their own MySQL database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from chassis import settings
from chassis.databases.migrations import LEDGER, migrate_mysql
from chassis.databases.mysql import Database
from chassis.http.app import service
from chassis.http.caching import NO_STORE
from chassis.http.errors.problem_types import ProblemType
from chassis.http.rate_limits import RateLimits
from chassis.openapi import document
from chassis.openapi.serving import serve_document
from chassis.rest import idempotency


def write_service(
    name: str,
    description: str,
    database: Database,
    migrations: Path,
    problem_types: Sequence[ProblemType],
    *,
    start: Callable[[], Awaitable[None]] | None = None,
    close: Callable[[], Awaitable[None]] | None = None,
    caching: str = NO_STORE,
    degraded: Callable[[], Mapping[str, str]] = dict,
) -> FastAPI:
    """An app with migrations, stored responses of Idempotency-Keys, and rate limits.

    `problem_types` are those of this service only. `start` runs once the tables are there; `close` closes resources
    beside the database, which is closed too. `caching` is the Cache-Control of successful reads. `degraded` returns
    what does not work although the service is ready. Raises SettingMissing.
    """

    is_migrated = False

    async def check() -> None:
        await (database.ping_table(LEDGER) if is_migrated else database.ping())

    async def prepare() -> None:
        nonlocal is_migrated
        await migrate_mysql(database, idempotency.MIGRATIONS, migrations)
        is_migrated = True
        if start is not None:
            await start()

    async def close_all() -> None:
        if close is not None:
            await close()
        await database.close()

    app = service(
        name,
        description,
        checks={"mysql": check},
        prepare=prepare,
        close=close_all,
        sweep=partial(idempotency.sweep, database),
        limits=RateLimits(name, settings.rate_limit(), settings.redis("OMS_REDIS_PASSWORD")),
        admission=database.admit,
        caching=caching,
        degraded=degraded,
    )
    document.install(app, problem_types)
    serve_document(app)
    app.state.problem_types = problem_types
    app.state.database = database
    app.state.cursor_key = settings.required("OMS_CURSOR_KEY")
    return app

"""What a process that has not started says of itself."""

from __future__ import annotations

import asyncio

from chassis.http.health import Readiness
from chassis.retrying import until_done


async def test_the_reason_why_it_does_not_start_is_told_until_it_does() -> None:
    readiness, may_start = Readiness({}), asyncio.Event()

    async def prepare() -> None:
        if not may_start.is_set():
            raise LookupError("the layout is an earlier one")

    before = await readiness.missing()
    starting = asyncio.create_task(until_done("start-up", prepare, readiness.note_failure))
    await asyncio.sleep(0)
    meanwhile = await readiness.answer()
    may_start.set()
    await starting
    after = await readiness.missing()
    readiness.prepared = True

    assert before == after == {"start-up": "not finished"}
    assert meanwhile == (503, {"status": "not ready", "missing": {"start-up": "the layout is an earlier one"}})
    assert await readiness.missing() == {}


async def test_what_is_degraded_is_reported_while_it_is_ready() -> None:
    degraded: dict[str, str] = {}
    readiness = Readiness({}, lambda: degraded)
    readiness.prepared = True

    before = await readiness.answer()
    degraded["reservations"] = "the broker is unavailable"

    assert before == (200, {"status": "ready", "missing": {}})
    assert await readiness.answer() == (200, {"status": "ready", "missing": {}, "degraded": degraded})

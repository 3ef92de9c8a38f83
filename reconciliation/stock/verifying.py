"""Runs the checks, and looks at what was found again: a change in transit is no violation, only one that lasts is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from chassis.databases.mysql import Connection, Database
from chassis.retrying import attempts
from reconciliation.stock import checks_of_restocks
from reconciliation.stock.cache import Cache
from reconciliation.stock.checks_of_central import CHECKS_OF_CENTRAL
from reconciliation.stock.checks_of_places import MISSING, is_elsewhere
from reconciliation.stock.checks_of_stores import CHECKS_OF_A_STORE
from reconciliation.stock.databases import CENTRAL, Place, places
from reconciliation.stock.judging import Wanted, has_happened, now
from reconciliation.stock.rules import Check
from reconciliation.stock.violations import Violation

WAIT_S = 10.0
"""How long a violation must last."""

LAG_ALLOWANCE = 1.5
"""How many times as long to wait for the heartbeat of a store."""

MOST = 1000
"""Rows of one check that are named."""

_OF_CENTRAL = (*CHECKS_OF_CENTRAL, MISSING, *checks_of_restocks.CHECKS_OF_CENTRAL)
_OF_A_STORE = (*CHECKS_OF_A_STORE, *checks_of_restocks.CHECKS_OF_A_STORE)


async def verify(database: Database, cache: Cache | None = None, wait_s: float = WAIT_S) -> list[Violation]:
    """The violations that last for `wait_s` seconds. `database` has Debezium's account, which may read all.

    What depends on a store that is away, or lags, is not judged. Raises Unavailable.
    """
    begin = monotonic()
    async with database.reading() as connection:
        since = await now(connection)
    left = await _look(database, cache)
    happened: set[Wanted] = set()
    async for _ in attempts(first_s=min(0.2, wait_s), most_s=max(0.1, wait_s / 5)):
        wanted = {(each.check.needs, each.place) for each in left if each.check.needs} - happened
        happened |= {each for each in wanted if await has_happened(database, each, since)}
        waited_s = monotonic() - begin
        if not left or (waited_s >= wait_s and (happened >= wanted or waited_s >= wait_s * (1 + LAG_ALLOWANCE))):
            break
        left = _lasting(left, await _look(database, cache, left))
    known = [each for each in left if not each.check.needs or (each.check.needs, each.place) in happened]
    return _lasting(known, await _look(database, cache, known)) if known else []


def _lasting(before: Sequence[Violation], now: Sequence[Violation]) -> list[Violation]:
    """Those of `now` that were there before, in the same state."""
    states = {each.key: each.state for each in before}
    return [each for each in now if states.get(each.key, _ABSENT) == each.state]


_ABSENT = object()


async def _look(database: Database, cache: Cache | None, again: Sequence[Violation] | None = None) -> list[Violation]:
    """Run all checks, or those that found something."""
    found = await cache.violations(database) if cache else []
    async with database.reading() as connection:
        known = await places(connection)
    for place in known:
        for check in _OF_CENTRAL if place == CENTRAL else _OF_A_STORE:
            if again is None or any(each.check is check and each.place == place for each in again):
                async with database.reading() as connection:  # the time limit is that of one check
                    found += await run(connection, check, place)
    return [each for each in found if not is_elsewhere(each)]


async def run(connection: Connection, check: Check, place: Place) -> list[Violation]:
    """The rows that violate one check, at most `MOST`."""
    sql = check.sql.format(store=f"`{place.database}`", store_id=place.store_id)
    rows = await connection.fetch_all(f"{sql} LIMIT {MOST}")
    return [
        Violation(check.rule, place, str(row["id"]), _text(check, row), check, tuple(row[name] for name in check.state))
        for row in rows
    ]


def _text(check: Check, row: Mapping[str, Any]) -> str:
    return check.text.format(**{name: "nothing" if value is None else value for name, value in row.items()})

"""How often a caller may ask: requests are counted in Redis, by windows of time. Without Redis, nobody is limited.

Windows are the clock's own (each minute, where the limit is by the minute), so that one answer of Redis, the count,
says all there is to know. What a caller sends while Redis is being asked about that caller is counted by the next
question, together: a busy caller costs far less than a round trip for each request. And who has much left does not wait
for the answer: what such a caller sends is counted here, and in Redis a moment later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from dataclasses import dataclass
from functools import cache
from math import ceil
from time import time
from typing import Any, NamedTuple, cast

from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from prometheus_client import Counter, Gauge
from redis.asyncio import ConnectionPool

from chassis.http.problems import Problem
from chassis.http.redis_errors import is_unavailable
from chassis.logs import logger
from chassis.settings import RedisSettings

log = logger(__name__)

LOOK_AGAIN_S = 3.0
"""How long Redis is left alone once it did not answer."""

PIECES = 10
"""The time that Redis has is counted in pieces: a process that stood still itself, for want of a processor, has used up
one of them, and does not take Redis for away."""

MUCH_LEFT = 1000
"""With more than that left, a request need not wait for Redis: what several processes let pass before they hear of each
other, in COUNT_EVERY_S, is less."""

COUNT_EVERY_S = 0.05
"""How long what is counted here waits for company on its way to Redis."""

MOST_KNOWN = 10_000
"""Of how many callers it is remembered what they have left."""

REFUSED = Counter("oms_rate_limited_requests_total", "Requests refused because their caller had used up the limit")
IN_FORCE = Gauge("oms_rate_limits_in_force", "1 while callers are limited, 0 while Redis is away or limits are off")

Header = tuple[bytes, bytes]


class Allowance(NamedTuple):
    """What a caller has left now that this request is counted, as the headers that say so; and whether it is too much.

    Source of the headers: draft-ietf-httpapi-ratelimit-headers-06.
    """

    headers: list[Header]
    is_overdrawn: bool
    resets_in_s: int

    def refusal(self) -> Problem | None:
        """The 429 of a caller who has nothing left; None for all others."""
        if not self.is_overdrawn:
            return None
        REFUSED.inc()
        detail = f"you have sent more requests than RateLimit-Policy allows; try again in {self.resets_in_s} s"
        return Problem(429, "rate-limited", detail, headers={"Retry-After": str(self.resets_in_s)})


@dataclass(slots=True)
class _Known:
    """What a caller had used when Redis was last asked, with all that came since; `uncounted` is not in Redis yet."""

    used: int
    ends_at: float
    uncounted: int = 0


class RateLimits:
    """The limit that each caller of one service has, whichever of the service's processes they ask."""

    def __init__(self, service: str, limit: str, redis: RedisSettings) -> None:
        self._service = service
        self._limit = parse_limit(limit)
        self._timeout_s = redis.timeout_s
        self._pool = ConnectionPool(host=redis.host, port=redis.port, password=redis.password)
        pool = cast(Any, self._pool)  # `limits` passes it on, and names texts and numbers alone as options
        self._storage = RedisStorage("async+redis://", implementation="redispy", key_prefix="oms", connection_pool=pool)
        self._waiting: dict[str, list[asyncio.Future[Allowance | None]]] = {}
        self._known: dict[str, _Known] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._looking: asyncio.Task[Any] | None = None
        self._is_in_force = self._limit is not None
        IN_FORCE.set(self._is_in_force)

    async def spend(self, caller: str) -> Allowance | None:
        """Count one request. None when nobody is limited: limits are off, or Redis is away."""
        if not self._is_in_force or self._limit is None:
            return None
        known = self._known.get(caller)
        if known is not None and known.used + MUCH_LEFT < self._limit.amount and (now := time()) < known.ends_at:
            return self._count_later(caller, known, ceil(known.ends_at - now))
        counted: asyncio.Future[Allowance | None] = asyncio.get_running_loop().create_future()
        if caller in self._waiting:
            self._waiting[caller].append(counted)
        else:
            self._waiting[caller] = [counted]
            self._begin(self._count(caller))
        return await counted

    async def close(self) -> None:
        """Leave Redis alone from now on, once what it is asked at the moment is answered."""
        self._is_in_force = False
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.aclose()

    def _count_later(self, caller: str, known: _Known, resets_in_s: int) -> Allowance:
        assert self._limit is not None
        if known.uncounted == 0:
            asyncio.get_running_loop().call_later(COUNT_EVERY_S, self._begin_to_count, caller, known)
        known.uncounted += 1
        known.used += 1
        return _allowance(self._limit, known.used, resets_in_s)

    def _begin_to_count(self, caller: str, known: _Known) -> None:
        requests, known.uncounted = known.uncounted, 0
        if requests:
            self._begin(self._used(caller, requests))

    async def _count(self, caller: str) -> None:
        """Ask Redis as long as requests of this caller wait, each time for all that wait."""
        while together := self._waiting[caller]:
            self._waiting[caller] = []
            used = await self._used(caller, len(together) + self._uncounted(caller))
            for later, request in enumerate(reversed(together)):
                if not request.done():
                    request.set_result(None if used is None else self._allowance(used - later))
        del self._waiting[caller]

    def _uncounted(self, caller: str) -> int:
        """What was let pass and is not in Redis yet: taken over by who asks, who counts it with the rest."""
        known = self._known.get(caller)
        requests = 0
        if known is not None and time() < known.ends_at:
            requests, known.uncounted = known.uncounted, 0
        return requests

    async def _used(self, caller: str, requests: int) -> int | None:
        """How many the caller has sent in this window, once these are counted. None when nobody is limited."""
        if not self._is_in_force or self._limit is None:
            return None
        window_s = self._limit.get_expiry()
        window = int(time() // window_s)
        try:
            key = self._limit.key_for(self._service, caller, window)
            used = await self._in_time(self._storage.incr(key, window_s, requests))
        except Exception as error:  # whatever keeps us from counting is no reason not to serve
            self._give_way(error)
            return None
        self._remember(caller, used, (window + 1) * window_s)
        return used

    def _remember(self, caller: str, used: int, ends_at: float) -> None:
        """Know what a caller has used, if there is much left."""
        assert self._limit is not None
        known = self._known.get(caller)
        if known is not None and known.ends_at == ends_at:
            known.used = max(known.used, used + known.uncounted)
        elif used + MUCH_LEFT < self._limit.amount:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[caller] = _Known(used, ends_at)

    def _allowance(self, used: int) -> Allowance:
        assert self._limit is not None
        window_s = self._limit.get_expiry()
        return _allowance(self._limit, used, ceil(window_s - time() % window_s))

    def _give_way(self, error: Exception) -> None:
        if self._is_in_force:
            self._is_in_force = False
            IN_FORCE.set(0)
            if is_unavailable(error):
                log.warning("callers are not limited: Redis does not answer", reason=repr(error))
            else:
                log.error("callers are not limited: counting them failed", reason=repr(error), exc_info=error)
            self._looking = self._begin(self._look_again())

    async def _look_again(self) -> None:
        """Beside the requests, so that none of them waits for a Redis that is away."""
        while not self._is_in_force:
            await asyncio.sleep(LOOK_AGAIN_S)
            try:
                await self._in_time(self._storage.get("nobody"))
            except Exception:  # the reason has been told, when it began
                continue
            self._is_in_force = True
            IN_FORCE.set(1)
            log.info("callers are limited again")

    async def _in_time(self, asking: Coroutine[Any, Any, int]) -> int:
        """What Redis answers. Raises TimeoutError when it does not, and what its client raises."""
        answer = asyncio.create_task(asking)
        for _ in range(PIECES):
            await asyncio.wait((answer,), timeout=self._timeout_s / PIECES)
            if answer.done():
                return answer.result()
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)
        raise TimeoutError(f"no answer in {self._timeout_s:g} s")

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(
            work, context=Context()
        )  # which is not that of the request which happens to begin it
        self._tasks.add(task)  # the loop itself would let go of it
        task.add_done_callback(self._tasks.discard)
        return task


def parse_limit(text: str) -> RateLimitItem | None:
    """The limit in a setting such as `60000/minute`; None for `off` or nothing. Raises ValueError."""
    if text.strip().lower() in ("", "off"):
        return None
    try:
        [limit] = parse_many(text)
    except ValueError as error:
        raise ValueError(f"OMS_RATE_LIMIT is {text!r}: it is one limit, such as 60000/minute, or off") from error
    return limit


@cache
def _of_the_limit(amount: int, window_s: int) -> tuple[Header, Header]:
    return (b"ratelimit-limit", b"%d" % amount), (b"ratelimit-policy", b"%d;w=%d" % (amount, window_s))


def _allowance(limit: RateLimitItem, used: int, resets_in_s: int) -> Allowance:
    headers = [
        *_of_the_limit(limit.amount, limit.get_expiry()),
        (b"ratelimit-remaining", b"%d" % max(0, limit.amount - used)),
        (b"ratelimit-reset", b"%d" % resets_in_s),
    ]
    return Allowance(headers, used > limit.amount, resets_in_s)

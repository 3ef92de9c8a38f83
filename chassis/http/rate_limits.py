"""Rate limits: requests are counted in Redis by fixed windows. They fail open if Redis is unavailable.

Windows are aligned with the clock, so that one reply of Redis, the count, is enough. Requests of a caller that arrive
while Redis is counting that caller are counted together by the next command: a busy caller costs far less than a round
trip per request. A caller with many requests left does not wait: they are counted here, and in Redis shortly after.

The storage is that of `limits`. Its strategies are not used: `hit` returns no count, and `get_window_stats`, which the
RateLimit headers need, costs two more round trips per request.
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

from chassis.http.errors.problems import Problem
from chassis.http.redis_errors import is_unavailable
from chassis.logs import logger
from chassis.settings import RedisSettings

log = logger(__name__)

PROBE_EVERY_S = 3.0
"""Interval of probes while Redis is unavailable."""

PIECES = 10
"""The timeout of Redis is counted in pieces: a process that was itself paused uses up one of them and does not take
Redis for unavailable."""

MANY_LEFT = 1000
"""With more requests left than that, a request does not wait for Redis: several processes let pass fewer in
COUNT_EVERY_S, before they see each other's counts."""

COUNT_EVERY_S = 0.05
"""Interval at which locally counted requests are added in Redis."""

MAX_CACHED = 10_000
"""Maximum number of callers whose counts are cached."""

REFUSED = Counter("oms_rate_limited_requests_total", "Requests rejected because their caller exceeded the rate limit")
IN_FORCE = Gauge(
    "oms_rate_limits_in_force",
    "1 while rate limits apply, 0 while Redis is unavailable or they are off",
    multiprocess_mode="livemin",
)

Header = tuple[bytes, bytes]


class Allowance(NamedTuple):
    """The rest of a caller's limit after this request, as response headers, and whether the limit is exceeded.

    Source of the headers: draft-ietf-httpapi-ratelimit-headers-06.
    """

    headers: list[Header]
    is_exceeded: bool
    resets_in_s: int

    def refusal(self) -> Problem | None:
        """The 429 of a caller that exceeds the limit; None for others."""
        if not self.is_exceeded:
            return None
        REFUSED.inc()
        detail = f"The rate limit in RateLimit-Policy is exceeded; retry in {self.resets_in_s} s."
        return Problem(429, "rate-limited", detail, headers={"Retry-After": str(self.resets_in_s)})


@dataclass(slots=True)
class _CachedCount:
    """The count of a caller at the last reply of Redis, and requests since; `uncounted` are not in Redis yet."""

    used: int
    ends_at: float
    uncounted: int = 0


class RateLimits:
    """The limit of each caller of a service, across the processes of the service."""

    def __init__(self, service: str, limit: str, redis: RedisSettings) -> None:
        self._service = service
        self._limit = parse_limit(limit)
        self._timeout_s = redis.timeout_s
        self._pool = ConnectionPool(host=redis.host, port=redis.port, password=redis.password)
        pool = cast(Any, self._pool)  # `limits` passes it on; its types allow only texts and numbers
        self._storage = RedisStorage("async+redis://", implementation="redispy", key_prefix="oms", connection_pool=pool)
        self._waiting: dict[str, list[asyncio.Future[Allowance | None]]] = {}
        self._cached: dict[str, _CachedCount] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._probe: asyncio.Task[Any] | None = None
        self._is_in_force = self._limit is not None
        IN_FORCE.set(self._is_in_force)

    async def spend(self, caller: str) -> Allowance | None:
        """Count one request. None if limits are off or Redis is unavailable."""
        if not self._is_in_force or self._limit is None:
            return None
        known = self._cached.get(caller)
        if known is not None and known.used + MANY_LEFT < self._limit.amount and (now := time()) < known.ends_at:
            return self._count_later(caller, known, ceil(known.ends_at - now))
        counted: asyncio.Future[Allowance | None] = asyncio.get_running_loop().create_future()
        if caller in self._waiting:
            self._waiting[caller].append(counted)
        else:
            self._waiting[caller] = [counted]
            self._begin(self._count(caller))
        return await counted

    async def close(self) -> None:
        """Finish pending commands and close the connections."""
        self._is_in_force = False
        if self._probe is not None:
            self._probe.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.aclose()

    def _count_later(self, caller: str, known: _CachedCount, resets_in_s: int) -> Allowance:
        assert self._limit is not None
        if known.uncounted == 0:
            asyncio.get_running_loop().call_later(COUNT_EVERY_S, self._begin_to_count, caller, known)
        known.uncounted += 1
        known.used += 1
        return _allowance(self._limit, known.used, resets_in_s)

    def _begin_to_count(self, caller: str, known: _CachedCount) -> None:
        requests, known.uncounted = known.uncounted, 0
        if requests:
            self._begin(self._used(caller, requests))

    async def _count(self, caller: str) -> None:
        """Count the waiting requests of this caller, all at once, until none waits."""
        while together := self._waiting[caller]:
            self._waiting[caller] = []
            used = await self._used(caller, len(together) + self._uncounted(caller))
            for later, request in enumerate(reversed(together)):
                if not request.done():
                    request.set_result(None if used is None else self._allowance(used - later))
        del self._waiting[caller]

    def _uncounted(self, caller: str) -> int:
        """Requests that are not in Redis yet, to be counted together with the current ones."""
        known = self._cached.get(caller)
        requests = 0
        if known is not None and time() < known.ends_at:
            requests, known.uncounted = known.uncounted, 0
        return requests

    async def _used(self, caller: str, requests: int) -> int | None:
        """The caller's count in this window including these requests. None if limits are off or fail open."""
        if not self._is_in_force or self._limit is None:
            return None
        window_s = self._limit.get_expiry()
        window = int(time() // window_s)
        try:
            key = self._limit.key_for(self._service, caller, window)
            used = await self._in_time(self._storage.incr(key, window_s, requests))
        except Exception as error:  # fail open on any error
            self._fail_open(error)
            return None
        self._cache(caller, used, (window + 1) * window_s)
        return used

    def _cache(self, caller: str, used: int, ends_at: float) -> None:
        """Cache the count of a caller with many requests left."""
        assert self._limit is not None
        known = self._cached.get(caller)
        if known is not None and known.ends_at == ends_at:
            known.used = max(known.used, used + known.uncounted)
        elif used + MANY_LEFT < self._limit.amount:
            if len(self._cached) >= MAX_CACHED:
                self._cached.clear()
            self._cached[caller] = _CachedCount(used, ends_at)

    def _allowance(self, used: int) -> Allowance:
        assert self._limit is not None
        window_s = self._limit.get_expiry()
        return _allowance(self._limit, used, ceil(window_s - time() % window_s))

    def _fail_open(self, error: Exception) -> None:
        if self._is_in_force:
            self._is_in_force = False
            IN_FORCE.set(0)
            if is_unavailable(error):
                log.warning("rate limits off: Redis unavailable", reason=repr(error))
            else:
                log.error("rate limits off: counting failed", reason=repr(error), exc_info=error)
            self._probe = self._begin(self._probe_redis())

    async def _probe_redis(self) -> None:
        """Probe Redis in the background, so that no request waits for it."""
        while not self._is_in_force:
            await asyncio.sleep(PROBE_EVERY_S)
            try:
                await self._in_time(self._storage.get("probe"))
            except Exception:  # the reason was logged when it started
                continue
            self._is_in_force = True
            IN_FORCE.set(1)
            log.info("rate limits on")

    async def _in_time(self, command: Coroutine[Any, Any, int]) -> int:
        """The reply of Redis. Raises TimeoutError, and what its client raises."""
        answer = asyncio.create_task(command)
        for _ in range(PIECES):
            await asyncio.wait((answer,), timeout=self._timeout_s / PIECES)
            if answer.done():
                return answer.result()
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)
        raise TimeoutError(f"no reply in {self._timeout_s:g} s")

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, context=Context())  # not the context of the request that starts it
        self._tasks.add(task)  # the loop keeps only a weak reference
        task.add_done_callback(self._tasks.discard)
        return task


def parse_limit(text: str) -> RateLimitItem | None:
    """The limit in a setting such as `60000/minute`; None for `off` or an empty text. Raises ValueError."""
    if text.strip().lower() in ("", "off"):
        return None
    try:
        [limit] = parse_many(text)
    except ValueError as error:
        raise ValueError(f"OMS_RATE_LIMIT is {text!r}: expected one limit, such as 60000/minute, or off") from error
    return limit


@cache
def _limit_headers(amount: int, window_s: int) -> tuple[Header, Header]:
    return (b"ratelimit-limit", b"%d" % amount), (b"ratelimit-policy", b"%d;w=%d" % (amount, window_s))


def _allowance(limit: RateLimitItem, used: int, resets_in_s: int) -> Allowance:
    headers = [
        *_limit_headers(limit.amount, limit.get_expiry()),
        (b"ratelimit-remaining", b"%d" % max(0, limit.amount - used)),
        (b"ratelimit-reset", b"%d" % resets_in_s),
    ]
    return Allowance(headers, used > limit.amount, resets_in_s)

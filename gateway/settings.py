"""The gateway's settings, read from the environment."""

from __future__ import annotations

from dataclasses import replace
from os import environ
from pathlib import Path

from elasticsearch import AsyncElasticsearch

from chassis import settings
from chassis.databases.postgres import Database
from chassis.http.rate_limits import RateLimits
from gateway.consistency.consistency import Consistency
from gateway.consistency.freshness import Watermarks
from gateway.consistency.rounds import MAX_ROUNDS
from gateway.live.hub import LiveLimits
from gateway.live.timeouts import DEFAULT_TIMEOUTS, Timeouts
from gateway.operations import registered
from gateway.operations.operations import Operations
from gateway.operations.persisted import PersistedQueries
from gateway.operations.registered import RegisteredQueries
from gateway.operations.validation import Limits

USUAL = Limits()
MOST_LIVE = LiveLimits()


SESSION = {"plan_cache_mode": "force_generic_plan", "random_page_cost": "1.1"}
"""The same statements run with different values: each connection plans them once, whatever the values are.

What is read often is in memory, where random access costs little more than sequential.
"""


def store_stale_s() -> float:
    """The time after which a store that did not report is marked as stale, in seconds."""
    return settings.seconds("OMS_STORE_STALE_S", 20)


def read_model() -> Database:
    """The read model, with a read-only account."""
    session = SESSION | {"oms.store_stale": f"{store_stale_s()} s"}
    return Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"), session)


def rates() -> RateLimits:
    """The rate limits of clients."""
    return RateLimits("gateway", settings.rate_limit(), settings.redis("OMS_REDIS_PASSWORD"))


def queries(operations: Operations) -> PersistedQueries | RegisteredQueries:
    """The queries that are known by their hash. `OMS_GATEWAY_LOCKED` names the only ones that are allowed.

    Raises BadRegister.
    """
    if place := environ.get("OMS_GATEWAY_LOCKED"):
        return registered.read(Path(place), operations)
    keep_s = settings.seconds("OMS_GATEWAY_PERSISTED_S", 86_400)
    return PersistedQueries(settings.redis("OMS_REDIS_PASSWORD"), keep_s)


def consistency(search: AsyncElasticsearch, limits: Limits) -> Consistency:
    """Waiting for writes, and freshness. Older than `OMS_GATEWAY_STALE_S` is stale."""
    # Its own connections: a lookup never queues behind reads, which would delay all waiters. Usually one is open.
    own = Database(replace(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"), pool_size=MAX_ROUNDS))
    stale_ms = int(settings.seconds("OMS_GATEWAY_STALE_S", 10) * 1000)
    most_wait_ms = int(limits.timeout_s * 900)  # a tenth of the time is left for the answer itself
    watermarks = Watermarks(stale_ms, int(store_stale_s() * 1000))
    return Consistency(own, search, watermarks, most_wait_ms)


def live() -> LiveLimits:
    """The maximum number of subscribers, and of events that wait for each."""
    return LiveLimits(
        subscribers=settings.count("OMS_GATEWAY_MAX_SUBSCRIBERS", MOST_LIVE.subscribers),
        buffer=settings.count("OMS_GATEWAY_SUBSCRIBER_BUFFER", MOST_LIVE.buffer),
        orders=settings.count("OMS_GATEWAY_KNOWN_ORDERS", MOST_LIVE.orders),
    )


def timeouts() -> Timeouts:
    """The timeouts of clients that stream."""
    return Timeouts(
        send_s=settings.seconds("OMS_GATEWAY_SEND_TIMEOUT_S", DEFAULT_TIMEOUTS.send_s),
        init_s=settings.seconds("OMS_GATEWAY_INIT_TIMEOUT_S", DEFAULT_TIMEOUTS.init_s),
    )


def limits() -> Limits:
    """The limits of one request. Raises ValueError for an invalid number."""
    return Limits(
        body_bytes=settings.count("OMS_GATEWAY_MAX_BODY_BYTES", USUAL.body_bytes),
        tokens=settings.count("OMS_GATEWAY_MAX_TOKENS", USUAL.tokens),
        depth=settings.count("OMS_GATEWAY_MAX_DEPTH", USUAL.depth),
        aliases=settings.count("OMS_GATEWAY_MAX_ALIASES", USUAL.aliases),
        cost=settings.count("OMS_GATEWAY_MAX_COST", USUAL.cost),
        timeout_s=settings.seconds("OMS_GATEWAY_TIMEOUT_S", USUAL.timeout_s),
        has_introspection=settings.switch("OMS_GATEWAY_INTROSPECTION", USUAL.has_introspection),
    )

"""Automatic persisted queries: a client sends a query's hash alone, and its text just when nobody here knows it.

A text is kept in Redis for all gateways, and by this process for itself. Without Redis the process still knows what it
has seen, and a client whose query it has not seen is asked for the text.

Source: https://www.apollographql.com/docs/apollo-server/performance/apq (the protocol).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from hashlib import sha256

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chassis.http.redis_errors import is_unavailable
from chassis.logs import logger
from chassis.settings import RedisSettings
from gateway.errors import (
    BAD_REQUEST,
    PERSISTED_QUERY_HASH_MISMATCH,
    PERSISTED_QUERY_NOT_FOUND,
    PERSISTED_QUERY_NOT_SUPPORTED,
    Refusal,
)
from gateway.requests.request import Asked

log = logger(__name__)

KEPT_BYTES = 8_000_000
"""How much text the process keeps itself."""

LONGEST = 20_000
"""A longer text, in characters, is never known by its hash."""

LOOK_AGAIN_S = 3.0
"""How long Redis is left alone once it did not answer."""

KEY = "oms:gateway:query:"


def hash_of(text: str) -> str:
    """By which a query is known: SHA-256, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def hash_in(asked: Asked) -> str | None:
    """The hash that a request names; None when it names none. Raises Refusal for one that is none."""
    named = asked.extensions.get("persistedQuery")
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1:
        raise Refusal(PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported", is_well_formed=True)
    named_hash = named.get("sha256Hash")
    if not isinstance(named_hash, str) or len(named_hash) != 64 or not set(named_hash) <= set("0123456789abcdef"):
        raise Refusal(BAD_REQUEST, "`sha256Hash` is 64 hexadecimal digits in small letters")
    return named_hash


class PersistedQueries:
    """The queries that are known by their hash, each for `keep_s` seconds after it was sent last with its text."""

    def __init__(self, redis: RedisSettings, keep_s: float) -> None:
        self._redis = Redis(host=redis.host, port=redis.port, password=redis.password, decode_responses=True)
        self._timeout_s = redis.timeout_s
        self._keep_s = int(keep_s)
        self._known: OrderedDict[str, str] = OrderedDict()
        self._known_bytes = 0
        self._is_left_alone_until = 0.0
        self._writing: set[asyncio.Task[None]] = set()

    async def text_of(self, asked: Asked) -> str:
        """The query's text. Raises Refusal for a hash that nobody knows or that is another text's."""
        named_hash = hash_in(asked)
        if named_hash is None:
            return asked.query
        if asked.query:
            if hash_of(asked.query) != named_hash:
                told = "`sha256Hash` is not that of `query`"
                raise Refusal(PERSISTED_QUERY_HASH_MISMATCH, told, is_well_formed=True)
            return asked.query
        text = self._known.get(named_hash)
        if text is None:
            text = await self._from_redis(named_hash)
        self._know(named_hash, text)
        return text

    def keep(self, asked: Asked) -> None:
        """Know the query of a request that has both, the hash and the text: here at once, in Redis by and by."""
        named_hash = hash_in(asked)
        if named_hash is not None and 0 < len(asked.query) <= LONGEST:
            self._know(named_hash, asked.query)
            task = asyncio.create_task(self._to_redis(named_hash, asked.query))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Finish what is being written, and leave Redis alone."""
        await asyncio.gather(*self._writing)
        await self._redis.aclose()

    def _know(self, named_hash: str, text: str) -> None:
        if named_hash in self._known:
            self._known.move_to_end(named_hash)
            return
        self._known[named_hash] = text
        self._known_bytes += len(text)
        while self._known_bytes > KEPT_BYTES:
            _, dropped = self._known.popitem(last=False)
            self._known_bytes -= len(dropped)

    async def _from_redis(self, named_hash: str) -> str:
        text: str | None = None
        if not self._is_left_alone:
            try:
                async with asyncio.timeout(self._timeout_s):
                    text = await self._redis.get(KEY + named_hash)
            except (RedisError, OSError, TimeoutError) as error:
                self._leave_alone(error)
        if text is None or hash_of(text) != named_hash:
            raise Refusal(PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound", is_well_formed=True)
        return text

    async def _to_redis(self, named_hash: str, text: str) -> None:
        if self._is_left_alone:
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._redis.set(KEY + named_hash, text, ex=self._keep_s)
        except (RedisError, OSError, TimeoutError) as error:
            self._leave_alone(error)

    @property
    def _is_left_alone(self) -> bool:
        return asyncio.get_running_loop().time() < self._is_left_alone_until

    def _leave_alone(self, error: Exception) -> None:
        self._is_left_alone_until = asyncio.get_running_loop().time() + LOOK_AGAIN_S
        if is_unavailable(error):
            log.warning("persisted queries are not shared: Redis does not answer", reason=repr(error))
        else:
            log.error("persisted queries are not shared: asking Redis failed", reason=repr(error), exc_info=error)

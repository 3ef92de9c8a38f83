"""Automatic persisted queries: a client sends only a query's hash, and its text if the gateway does not know it.

Texts are kept in Redis for all gateways, and in the memory of this process. While Redis is unavailable the process uses
its memory, and asks clients for the text of other queries.

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
from gateway.requests.request import Request

log = logger(__name__)

CACHE_BYTES = 8_000_000
"""The size of the texts in memory."""

MAX_LENGTH = 20_000
"""Longer texts, in characters, are not kept."""

RETRY_S = 3.0
"""How long Redis is not used after it failed."""

KEY = "oms:gateway:query:"


def hash_of(text: str) -> str:
    """The hash of a query: SHA-256, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def hash_in(request: Request) -> str | None:
    """The hash in a request; None without one. Raises Refusal for a malformed one."""
    named = request.extensions.get("persistedQuery")
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1:
        raise Refusal(PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported", is_well_formed=True)
    named_hash = named.get("sha256Hash")
    if not isinstance(named_hash, str) or len(named_hash) != 64 or not set(named_hash) <= set("0123456789abcdef"):
        raise Refusal(BAD_REQUEST, "`sha256Hash` must be 64 hexadecimal digits in lower case")
    return named_hash


class PersistedQueries:
    """Queries by their hash, each kept for `keep_s` seconds after its text was sent last."""

    def __init__(self, redis: RedisSettings, keep_s: float) -> None:
        self._redis = Redis(host=redis.host, port=redis.port, password=redis.password, decode_responses=True)
        self._timeout_s = redis.timeout_s
        self._keep_s = int(keep_s)
        self._known: OrderedDict[str, str] = OrderedDict()
        self._known_bytes = 0
        self._paused_until = 0.0
        self._writing: set[asyncio.Task[None]] = set()

    async def text_of(self, request: Request) -> str:
        """The text of the query. Raises Refusal for an unknown hash, or one that does not match the text."""
        named_hash = hash_in(request)
        if named_hash is None:
            return request.query
        if request.query:
            if hash_of(request.query) != named_hash:
                message = "`sha256Hash` does not match `query`"
                raise Refusal(PERSISTED_QUERY_HASH_MISMATCH, message, is_well_formed=True)
            return request.query
        text = self._known.get(named_hash)
        if text is None:
            text = await self._from_redis(named_hash)
        self._know(named_hash, text)
        return text

    def keep(self, request: Request) -> None:
        """Remember the query of a request with both hash and text: in memory at once, in Redis in the background."""
        named_hash = hash_in(request)
        if named_hash is not None and 0 < len(request.query) <= MAX_LENGTH:
            self._know(named_hash, request.query)
            task = asyncio.create_task(self._to_redis(named_hash, request.query))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Finish pending writes, and close the connection."""
        await asyncio.gather(*self._writing)
        await self._redis.aclose()

    def _know(self, named_hash: str, text: str) -> None:
        if named_hash in self._known:
            self._known.move_to_end(named_hash)
            return
        self._known[named_hash] = text
        self._known_bytes += len(text)
        while self._known_bytes > CACHE_BYTES:
            _, dropped = self._known.popitem(last=False)
            self._known_bytes -= len(dropped)

    async def _from_redis(self, named_hash: str) -> str:
        text: str | None = None
        if not self._is_paused:
            try:
                async with asyncio.timeout(self._timeout_s):
                    text = await self._redis.get(KEY + named_hash)
            except (RedisError, OSError, TimeoutError) as error:
                self._pause(error)
        if text is None or hash_of(text) != named_hash:
            raise Refusal(PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound", is_well_formed=True)
        return text

    async def _to_redis(self, named_hash: str, text: str) -> None:
        if self._is_paused:
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._redis.set(KEY + named_hash, text, ex=self._keep_s)
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)

    @property
    def _is_paused(self) -> bool:
        return asyncio.get_running_loop().time() < self._paused_until

    def _pause(self, error: Exception) -> None:
        self._paused_until = asyncio.get_running_loop().time() + RETRY_S
        if is_unavailable(error):
            log.warning("Redis unavailable: persisted queries are not shared", reason=repr(error))
        else:
            log.error("Redis failed: persisted queries are not shared", reason=repr(error), exc_info=error)

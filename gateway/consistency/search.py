"""Waiting for writes in the search index: its worker wakes the waiters, a refresh makes writes visible."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from elasticsearch import AsyncElasticsearch

from chassis.databases.elasticsearch import raise_unavailable
from chassis.http.errors.problems import Unavailable
from chassis.kafka.client import reader
from chassis.logs import logger
from contracts.products import SEARCH_FRESHNESS, SEARCH_INDEX
from contracts.search_news import PRODUCTS_INDEXED
from gateway.consistency.freshness import SEARCH, Watermarks
from gateway.consistency.tokens import INVENTORY, Token
from gateway.consistency.view_monitor import ViewMonitor
from gateway.listener import Ready

log = logger(__name__)

_PRODUCTS = "products"

_PARTITION = TopicPartition(PRODUCTS_INDEXED.name, 0)


class SearchMonitor(ViewMonitor):
    """Listens to the index's worker, and updates `watermarks`."""

    def __init__(self, search: AsyncElasticsearch, watermarks: Watermarks) -> None:
        super().__init__("the product search", self._present, self._listen, self._refresh)
        self._search = search
        self._watermarks = watermarks
        self._fresh: dict[str, datetime] = {}
        """By the database whose rows are in the index."""
        self._decode = PRODUCTS_INDEXED.decoder()

    async def _present(self, tokens: Collection[Token]) -> list[Token]:
        products = [token for token in tokens if token.kind == "product"]
        there = [token for token in tokens if token.kind == INVENTORY and self._is_fresh(token)]
        return [*there, *await self._indexed(products)] if products else there

    def _is_fresh(self, token: Token) -> bool:
        """Whether searches show all stock that central had committed by the time of the token."""
        until = self._fresh.get(INVENTORY)
        return until is not None and until.timestamp() * 1000 >= token.version

    async def _indexed(self, products: Collection[Token]) -> list[Token]:
        """Reading by id sees a write at once, which searches see after the next refresh."""
        with raise_unavailable("the product search"):
            answer = await self._search.mget(
                index=SEARCH_INDEX, ids=[token.identity for token in products], source_includes=["version"]
            )
        if any("error" in each for each in answer["docs"]):  # no index, or no shard
            raise Unavailable("the product search")
        there = {each["_id"]: each["_source"]["version"] for each in answer["docs"] if each["found"]}
        return [token for token in products if there.get(token.identity, 0) >= token.version]

    async def _refresh(self) -> None:
        with raise_unavailable("the product search"):
            await self._search.indices.refresh(index=SEARCH_INDEX)

    async def _listen(self, ready: Ready) -> None:
        async with reader() as consumer:
            await self._begin(consumer)
            ready()
            async for record in consumer:
                self._receive(record.value)

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign([_PARTITION])
        await consumer.seek_to_end(_PARTITION)
        await consumer.position(_PARTITION)  # resolves the end now
        # What happened before the listener was ready:
        await self._read_freshness()
        self.waiters.moved()

    async def _read_freshness(self) -> None:
        with raise_unavailable("the product search"):
            answer = await self._search.search(index=SEARCH_FRESHNESS, size=10)
        for hit in answer["hits"]["hits"]:
            self._fresh[hit["_id"]] = datetime.fromisoformat(hit["_source"]["fresh_until"])
        self._advance()

    def _advance(self) -> None:
        """The index is as fresh as the database of which it is the least fresh."""
        if _PRODUCTS in self._fresh:
            self._watermarks.advance(SEARCH, min(self._fresh.values()))

    def _receive(self, value: bytes | None) -> None:
        try:
            news = self._decode(value or b"")
        except msgspec.MsgspecError as error:
            log.warning("unreadable announcement", reason=str(error))
            return
        if news.fresh_until is not None:
            self._fresh[news.source] = news.fresh_until
            self._advance()
            self.waiters.moved()  # a worker that was killed may have indexed rows without an announcement
        self.waiters.holds("product", news.versions)

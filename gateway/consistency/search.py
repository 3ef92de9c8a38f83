"""The search index's side: its worker's news wake who waits, and what they wait for is made findable."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from elasticsearch import AsyncElasticsearch

from chassis.databases.elasticsearch import raise_unavailable
from chassis.kafka.client import reader
from chassis.logs import logger
from contracts.products import SEARCH_FRESHNESS, SEARCH_INDEX
from contracts.search_news import PRODUCTS_INDEXED
from gateway.consistency.freshness import SEARCH, Watermarks
from gateway.consistency.news import News
from gateway.consistency.tokens import Token
from gateway.listening import Heard

log = logger(__name__)

_PARTITION = TopicPartition(PRODUCTS_INDEXED.name, 0)


class SearchNews(News):
    """Hears what the index's worker says; `watermarks` follow, too."""

    def __init__(self, search: AsyncElasticsearch, watermarks: Watermarks) -> None:
        super().__init__("the product search", self._present, self._listen)
        self._search = search
        self._watermarks = watermarks
        self._decode = PRODUCTS_INDEXED.decoder()

    async def _present(self, tokens: Collection[Token]) -> list[Token]:
        """Reading by id sees a write at once; searching sees it after a refresh, made here for all who wait."""
        asked = [token for token in tokens if token.kind == "product"]
        with raise_unavailable("the product search"):
            answer = await self._search.mget(index=SEARCH_INDEX, ids=[token.identity for token in asked], source=False)
            there = {each["_id"]: each["_version"] for each in answer["docs"] if each.get("found")}
            found = [token for token in asked if there.get(token.identity, 0) >= token.version]
            if found:
                await self._search.indices.refresh(index=SEARCH_INDEX)
        return found

    async def _listen(self, heard: Heard) -> None:
        async with reader() as consumer:
            await self._begin(consumer)
            heard()
            async for record in consumer:
                self._heard(record.value)

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign([_PARTITION])
        await consumer.seek_to_end(_PARTITION)
        await consumer.position(_PARTITION)  # only now is it known where that is
        # What happened before, or while nobody listened:
        await self._read_freshness()
        self.waiting.moved()

    async def _read_freshness(self) -> None:
        with raise_unavailable("the product search"):
            answer = await self._search.search(index=SEARCH_FRESHNESS, size=10)
        for hit in answer["hits"]["hits"]:
            moment = datetime.fromisoformat(hit["_source"]["fresh_until"])
            self._watermarks.reached(SEARCH, moment)

    def _heard(self, value: bytes | None) -> None:
        try:
            news = self._decode(value or b"")
        except msgspec.MsgspecError as error:
            log.warning("news that cannot be read", reason=str(error))
            return
        if news.fresh_until is not None:
            self._watermarks.reached(SEARCH, news.fresh_until)
        self.waiting.moved()

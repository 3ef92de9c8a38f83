"""The freshness of each source, kept in memory; the projections announce when it advances.

An answer is read after its freshness, so it is at least as fresh as it says. When announcements stop, because a worker,
a connector or the listener is down, the lag grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from time import time

from prometheus_client import Gauge

from chassis.http import metrics

SEARCH = "search"
STORES = "stores"
"""The stock of all stores that sell online; the one that reported least recently counts. See `READ_FRESHNESS`."""

READ_MODEL_SOURCES = ("customers", "orders", "products", "inventory", STORES, "shipping")
"""The services' databases, as the read model holds them."""

SOURCES = (*READ_MODEL_SOURCES, SEARCH)
"""Those, and the search index."""

LAG = Gauge(
    "oms_gateway_lag_seconds",
    "Maximum age of what the gateway shows; NaN while unknown",
    ["source"],
    multiprocess_mode="livemostrecent",
)


class Watermarks:
    """The time up to which each source is complete. An answer older than `stale_ms` is stale.

    Stores give signs of life less often than databases: theirs is `store_stale_ms`.
    """

    def __init__(self, stale_ms: int, store_stale_ms: int = 20_000) -> None:
        self._stale_ms = dict.fromkeys(SOURCES, stale_ms) | {STORES: store_stale_ms}
        self._until_ms: dict[str, int] = {}
        self._json_at_ms = 0
        self._json = b""
        for source in SOURCES:
            metrics.compute(LAG.labels(source), partial(self._lag_s, source))

    def advance(self, source: str, moment: datetime) -> None:
        """Everything committed by this moment has arrived."""
        moment_ms = int(moment.timestamp() * 1000)
        if source in SOURCES and moment_ms > self._until_ms.get(source, 0):
            self._until_ms[source] = moment_ms
            self._json_at_ms = 0

    def until_ms(self, source: str) -> int | None:
        """The time up to which the source is complete, in milliseconds since 1970; None when unknown."""
        return self._until_ms.get(source)

    def replace(self, sources: Iterable[str], moments: Mapping[str, datetime]) -> None:
        """Replace what is known of these sources: a view may have been recreated and be less fresh."""
        for source in sources:
            self._until_ms.pop(source, None)
        self._json_at_ms = 0
        for source, moment in moments.items():
            self.advance(source, moment)

    def lag_ms(self, source: str) -> int | None:
        """The maximum age of the source; None when unknown."""
        until_ms = self._until_ms.get(source)
        return None if until_ms is None else max(0, int(time() * 1000) - until_ms)

    def lags_ms(self, sources: Iterable[str]) -> dict[str, int | None]:
        """The maximum age of each of these sources."""
        return {source: self.lag_ms(source) for source in sources}

    def json(self) -> bytes:
        """`{"orders": {"lagMs": 420, "stale": false}, …}`, for `extensions.freshness`; null where unknown."""
        now_ms = int(time() * 1000)
        if now_ms != self._json_at_ms:
            self._json = b"{%s}" % b",".join(self._source_json(source, now_ms) for source in SOURCES)
            self._json_at_ms = now_ms
        return self._json

    def _source_json(self, source: str, now_ms: int) -> bytes:
        until_ms = self._until_ms.get(source)
        if until_ms is None:
            return b'"%s":{"lagMs":null,"stale":true}' % source.encode()
        lag_ms = max(0, now_ms - until_ms)
        is_stale = b"true" if lag_ms > self._stale_ms[source] else b"false"
        return b'"%s":{"lagMs":%d,"stale":%s}' % (source.encode(), lag_ms, is_stale)

    def _lag_s(self, source: str) -> float:
        lag_ms = self.lag_ms(source)
        return float("nan") if lag_ms is None else lag_ms / 1000

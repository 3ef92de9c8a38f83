"""How fresh each source of an answer is, kept in memory: the projections say so whenever it is more than before.

What an answer shows was read after this was known, so it is at least as fresh as told. When nobody says anything any
more, a worker, a connector or our own ear being down, the lag grows, as it should.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from time import time

from prometheus_client import Gauge

SEARCH = "search"
SHOWN = ("customers", "orders", "products")
"""The MySQL databases, as the read model shows them."""

SOURCES = (*SHOWN, SEARCH)
"""The same, and the search index."""

LAG = Gauge(
    "oms_gateway_lag_seconds", "How old what the gateway shows may be at most; NaN while nobody knows", ["source"]
)


class Watermarks:
    """Until when each source is complete. `stale_ms` is the age from which an answer is called stale."""

    def __init__(self, stale_ms: int) -> None:
        self._stale_ms = stale_ms
        self._until_ms: dict[str, int] = {}
        self._told_at_ms = 0
        self._told = b""
        for source in SOURCES:
            LAG.labels(source).set_function(partial(self._lag_s, source))

    def reached(self, source: str, moment: datetime) -> None:
        """Everything that was committed by then is there."""
        moment_ms = int(moment.timestamp() * 1000)
        if source in SOURCES and moment_ms > self._until_ms.get(source, 0):
            self._until_ms[source] = moment_ms
            self._told_at_ms = 0

    def until_ms(self, source: str) -> int | None:
        """Until when the source is complete, in milliseconds since 1970; None when nobody knows."""
        return self._until_ms.get(source)

    def are(self, sources: Iterable[str], moments: Mapping[str, datetime]) -> None:
        """Of these sources just this is known: a view may have been dropped, and is not as fresh as it was."""
        for source in sources:
            self._until_ms.pop(source, None)
        self._told_at_ms = 0
        for source, moment in moments.items():
            self.reached(source, moment)

    def lag_ms(self, source: str) -> int | None:
        """How old the source may be; None when nobody knows."""
        until_ms = self._until_ms.get(source)
        return None if until_ms is None else max(0, int(time() * 1000) - until_ms)

    def lags_ms(self, sources: Iterable[str]) -> dict[str, int | None]:
        """How old each of these may be."""
        return {source: self.lag_ms(source) for source in sources}

    def json(self) -> bytes:
        """`{"orders": {"lagMs": 420, "stale": false}, …}`, for `extensions.freshness`; null where nobody knows."""
        now_ms = int(time() * 1000)
        if now_ms != self._told_at_ms:
            self._told = b"{%s}" % b",".join(self._source_json(source, now_ms) for source in SOURCES)
            self._told_at_ms = now_ms
        return self._told

    def _source_json(self, source: str, now_ms: int) -> bytes:
        until_ms = self._until_ms.get(source)
        if until_ms is None:
            return b'"%s":{"lagMs":null,"stale":true}' % source.encode()
        lag_ms = max(0, now_ms - until_ms)
        is_stale = b"true" if lag_ms > self._stale_ms else b"false"
        return b'"%s":{"lagMs":%d,"stale":%s}' % (source.encode(), lag_ms, is_stale)

    def _lag_s(self, source: str) -> float:
        lag_ms = self.lag_ms(source)
        return float("nan") if lag_ms is None else lag_ms / 1000

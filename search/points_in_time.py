"""Points in time of an index: all pages of a list show the same state, whatever is written meanwhile.

Elasticsearch keeps old segments for each open point in time, so requests of the same moment share one.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from urllib.parse import quote

import msgspec

from chassis.databases.elasticsearch_requests import ElasticsearchRequests, RequestRefused
from chassis.http.errors.problems import Unavailable

SHARED_FOR_S = 0.25
"""A new list may start at a point in time of this age; the index takes longer to show new writes."""


class _Opened(msgspec.Struct):
    id: str


_read = msgspec.json.Decoder(_Opened).decode


class PointsInTime:
    """Opens points in time of an index; each expires `keep_s` after its last use."""

    def __init__(self, requests: ElasticsearchRequests, index: str, keep_s: float) -> None:
        self._requests = requests
        self.keep_alive = f"{int(keep_s)}s"
        self._path = f"/{quote(index)}/_pit?keep_alive={self.keep_alive}"
        self._mark: object = None
        self._opened_at = 0.0
        self._opening: asyncio.Task[str] | None = None

    async def now(self, mark: object = None) -> str:
        """The id of a recent point in time with the same `mark`; a new mark says that the index has changed.

        Raises Unavailable.
        """
        is_usable = self._opening is not None and not (self._opening.done() and self._opening.exception())
        if not is_usable or mark != self._mark or monotonic() - self._opened_at > SHARED_FOR_S:
            self._mark, self._opened_at = mark, monotonic()
            self._opening = asyncio.create_task(self._open())
        assert self._opening is not None
        return await asyncio.shield(self._opening)

    async def _open(self) -> str:
        try:
            return _read(await self._requests.send("POST", self._path)).id
        except RequestRefused as error:
            if error.status == 404:  # the index does not exist yet
                raise Unavailable("the product search") from error
            raise

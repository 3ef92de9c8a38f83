"""Elasticsearch by its official client: how it is opened, and one error for a cluster that is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from chassis import addresses
from chassis.problems import Unavailable
from chassis.settings import seconds

INDEX_MISSING = 404
_AWAY = {INDEX_MISSING, 429, 500, 502, 503, 504}
"""Statuses that pass: overloaded, restarting, shards not allocated yet, or the index is not made yet."""


def client() -> AsyncElasticsearch:
    """A client of the cluster, which need not be there yet. Connections open when used; close it in the end.

    A request is tried once more when the connection breaks or the cluster is overloaded, never after a timeout: whoever
    asks has waited long enough (`OMS_ELASTICSEARCH_TIMEOUT_S`). Where more patience is right, use
    `client.options(request_timeout=…)`.
    """
    timeout_s = seconds("OMS_ELASTICSEARCH_TIMEOUT_S", 3)
    return AsyncElasticsearch(
        addresses.url("elasticsearch"), request_timeout=timeout_s, max_retries=1, retry_on_timeout=False
    )


@contextmanager
def away_as_unavailable(what: str = "search") -> Iterator[None]:
    """Raise `Unavailable(what)` for what fails in this block because the cluster is away; other errors stay."""
    try:
        yield
    except TransportError as error:
        raise Unavailable(what) from error
    except ApiError as error:
        if error.meta.status in _AWAY:
            raise Unavailable(what) from error
        raise

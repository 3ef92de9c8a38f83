"""Elasticsearch by its official client: how it is opened, and one error for an outage of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from elastic_transport import TlsError
from elasticsearch import ApiError, AsyncElasticsearch, ConnectionError, ConnectionTimeout, TransportError

from chassis import addresses
from chassis.http.problems import Unavailable
from chassis.outages import is_outage
from chassis.settings import seconds

AWAY = frozenset({429, 502, 503, 504})
"""Statuses that pass: overloaded, restarting, shards not allocated yet."""

_PASSING_REASONS = {
    "index_not_found_exception",  # it is not made yet
    "connect_transport_exception",
    "node_closed_exception",
    "node_disconnected_exception",
    "node_not_connected_exception",
    "receive_timeout_transport_exception",
}
"""Reasons that pass though their status (404, 500) is that of a bug, too: most are of a node that has lost another."""


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
def raise_unavailable(what: str = "search") -> Iterator[None]:
    """Raise `Unavailable(what)` for what fails in this block because the cluster is away; other errors stay."""
    try:
        yield
    except (TransportError, ApiError) as error:
        if is_unavailable(error):
            raise Unavailable(what) from error
        raise


def is_unavailable(error: Exception) -> bool:
    """Whether the cluster is away or busy, so that it is right to try again later."""
    if isinstance(error, ApiError):
        return error.meta.status in AWAY or error.error in _PASSING_REASONS
    reason = error.__context__  # of the socket; the transport hides it
    is_local = isinstance(error, TlsError) or (isinstance(reason, OSError) and not is_outage(reason))
    return isinstance(error, ConnectionTimeout | ConnectionError) and not is_local

"""Elasticsearch by its official client, and one error for an outage of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from elastic_transport import TlsError
from elasticsearch import ApiError, AsyncElasticsearch, ConnectionError, ConnectionTimeout, TransportError

from chassis import addresses
from chassis.http.errors.problems import Unavailable
from chassis.outages import is_outage
from chassis.settings import seconds

UNAVAILABLE_STATUSES = frozenset({429, 502, 503, 504})
"""Temporary statuses: overloaded, restarting, shards not allocated yet."""

_TEMPORARY_REASONS = {
    "index_not_found_exception",  # not created yet
    "connect_transport_exception",
    "node_closed_exception",
    "node_disconnected_exception",
    "node_not_connected_exception",
    "receive_timeout_transport_exception",
}
"""Temporary reasons with the status of a bug (404, 500): most are of a node that has lost another."""


def client() -> AsyncElasticsearch:
    """A client of the cluster, which may be unavailable. It connects on first use; close it at the end.

    A request is retried once if the connection breaks or the cluster is overloaded, never after a timeout
    (`OMS_ELASTICSEARCH_TIMEOUT_S`). For a longer timeout, use `client.options(request_timeout=…)`.
    """
    timeout_s = seconds("OMS_ELASTICSEARCH_TIMEOUT_S", 3)
    return AsyncElasticsearch(
        addresses.url("elasticsearch"), request_timeout=timeout_s, max_retries=1, retry_on_timeout=False
    )


@contextmanager
def raise_unavailable(what: str = "search") -> Iterator[None]:
    """Turn errors of this block that mean an outage of the cluster into `Unavailable(what)`."""
    try:
        yield
    except (TransportError, ApiError) as error:
        if is_unavailable(error):
            raise Unavailable(what) from error
        raise


def is_unavailable(error: Exception) -> bool:
    """Whether the cluster is unavailable or overloaded, so that a retry may succeed."""
    if isinstance(error, ApiError):
        return error.meta.status in UNAVAILABLE_STATUSES or error.error in _TEMPORARY_REASONS
    reason = error.__context__  # of the socket, hidden by the transport
    is_local = isinstance(error, TlsError) or (isinstance(reason, OSError) and not is_outage(reason))
    return isinstance(error, ConnectionTimeout | ConnectionError) and not is_local

"""Classifies errors of Redis. Requests are served without Redis; the class only affects the log."""

from __future__ import annotations

from redis import exceptions

from chassis.outages import is_outage

_UNAVAILABLE = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterDownError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.TryAgainError,
)
_MISCONFIGURED = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.MaxConnectionsError)


def is_unavailable(error: BaseException) -> bool:
    """Whether Redis is unavailable; False for a bug or a misconfiguration."""
    if isinstance(error, _MISCONFIGURED):
        return False
    if isinstance(error, _UNAVAILABLE):
        return not isinstance(error.__cause__, OSError) or is_outage(error.__cause__)
    return is_outage(error)

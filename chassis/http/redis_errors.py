"""What Redis's errors mean. Without it everything is served all the same; only what the log says of it differs."""

from __future__ import annotations

from redis import exceptions

from chassis.outages import is_outage

_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterDownError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.TryAgainError,
)
_SET_UP_WRONG = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.MaxConnectionsError)


def is_unavailable(error: BaseException) -> bool:
    """Whether Redis is away or busy; False for a bug, of ours or of how it is set up."""
    if isinstance(error, _SET_UP_WRONG):
        return False
    if isinstance(error, _AWAY):
        return not isinstance(error.__cause__, OSError) or is_outage(error.__cause__)
    return is_outage(error)

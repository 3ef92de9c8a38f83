"""Exponential backoff for restarts of a connector that keeps failing."""

from __future__ import annotations

FIRST_WAIT_S = 2.0
MAX_WAIT_S = 60.0
HOPELESS_WAIT_S = 600.0
"""Wait between restarts when a restart is not known to help: an operator may have fixed the cause."""


class Backoff:
    """The backoff of one connector. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._wait_s = FIRST_WAIT_S
        self._not_before = 0.0

    def may_restart(self, now: float, *, is_curable: bool = True) -> bool:
        """Whether the wait is over. If so, it counts as a restart and the next wait begins."""
        if now < self._not_before:
            return False
        self._not_before = now + (self._wait_s if is_curable else HOPELESS_WAIT_S)
        self._wait_s = min(MAX_WAIT_S, self._wait_s * 2)
        return True

    def recovered(self, now: float) -> None:
        """Shorten the wait; reset it once the connector ran longer than the longest wait."""
        self._not_before = min(self._not_before, now + MAX_WAIT_S)
        if now > self._not_before + MAX_WAIT_S:
            self._wait_s = FIRST_WAIT_S

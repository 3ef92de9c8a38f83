"""When a connector that keeps failing is started again: each time twice as long after the last."""

from __future__ import annotations

FIRST_WAIT_S = 2.0
MOST_WAIT_S = 60.0
SELDOM_S = 600.0
"""Between two restarts where a restart is not known to cure anything: somebody may have cured the cause meanwhile."""


class Backoff:
    """The waits of one connector."""

    def __init__(self) -> None:
        self._wait_s = FIRST_WAIT_S
        self._not_before = 0.0

    def may_restart(self, now: float, *, is_curable: bool = True) -> bool:
        """Whether enough time has passed; when it says yes, it counts as a restart."""
        if now < self._not_before:
            return False
        self._not_before = now + (self._wait_s if is_curable else SELDOM_S)
        self._wait_s = min(MOST_WAIT_S, self._wait_s * 2)
        return True

    def recovered(self, now: float) -> None:
        """Begin with short waits again, once it ran for longer than the longest wait; what is cured costs no more."""
        self._not_before = min(self._not_before, now + MOST_WAIT_S)
        if now > self._not_before + MOST_WAIT_S:
            self._wait_s = FIRST_WAIT_S

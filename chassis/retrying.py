"""Retries with exponential backoff; each reason is logged once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from chassis.logs import logger
from chassis.settings import SettingMissing

log = logger(__name__)


async def attempts(first_s: float = 0.1, most_s: float = 5.0) -> AsyncIterator[int]:
    """Yield 1, 2, 3, …; sleep between attempts, doubling from `first_s` to `most_s`, with jitter."""
    count, wait_s = 1, first_s
    while True:
        yield count
        await asyncio.sleep(wait_s * (0.5 + random.random() / 2))
        count, wait_s = count + 1, min(most_s, wait_s * 2)


async def until_done(
    what: str, action: Callable[[], Awaitable[None]], note: Callable[[str], None] = lambda _: None
) -> None:
    """Call `action` until it succeeds. A failure is logged if its reason is new.

    `note` gets the reason of each failure, and "" at the end. Raises SettingMissing.
    """
    reason = ""
    async for attempt in attempts():
        try:
            await action()
        except SettingMissing:  # a retry does not help
            raise
        except Exception as error:
            note(str(error) or type(error).__name__)
            if str(error) != reason:
                reason = str(error)
                log.warning(
                    "step failed, retrying", what=what, attempt=attempt, reason=f"{type(error).__name__}: {error}"
                )
        else:
            note("")
            log.info("step done", what=what, attempt=attempt)
            return

"""How a rebuild can end, and how it tells of it."""

from __future__ import annotations

from collections.abc import Sequence

from oms.terminal import bad, console

MOST_SHOWN = 20


class RebuildRunning(Exception):
    """Another one is at it; there is one at a time."""


class NothingToUndo(Exception):
    """There is no previous view."""


class Differs(Exception):
    """The new view is not what it should be, so it was not put in place."""


class NotSwapped(Exception):
    """The workers never stood still for long enough. Nothing has changed."""


def tell(differences: Sequence[object]) -> None:
    """Name the first of these, one a line."""
    for difference in differences[:MOST_SHOWN]:
        console.print(bad(str(difference)), soft_wrap=True)
    if len(differences) > MOST_SHOWN:
        console.print(bad(f"… and {len(differences) - MOST_SHOWN} more"))

"""How a rebuild can fail."""

from __future__ import annotations

from collections.abc import Sequence

from oms.terminal import bad, console

MOST_SHOWN = 20


class RebuildRunning(Exception):
    """Another rebuild of the view is running."""


class NoPreviousView(Exception):
    """There is no view from before a rebuild."""


class ViewDiffers(Exception):
    """The rebuilt view differs from MySQL, so it was not swapped in."""


class SwapTimeout(Exception):
    """The workers did not release the read model in time. Nothing was changed."""


def print_differences(differences: Sequence[object]) -> None:
    """Print the first of these, one per line."""
    for difference in differences[:MOST_SHOWN]:
        console.print(bad(str(difference)), soft_wrap=True)
    if len(differences) > MOST_SHOWN:
        console.print(bad(f"… and {len(differences) - MOST_SHOWN} more"))

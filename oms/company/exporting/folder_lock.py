"""Keeps two exports out of one folder, and tells when an earlier export into it was interrupted."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from oms.company.exporting.company_export import ALL_FILES, part_of

LOCK_FILE = ".export.lock"
"""Stays in the folder, empty: if it were deleted, two exports could lock two files of this name."""


class FolderInUse(Exception):
    """Another export into the folder is running."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder while the block runs; the end of the process releases it, too. Raises FolderInUse."""
    with (folder / LOCK_FILE).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"another export into {folder} is running") from None
        yield


def interrupted_at(folder: Path) -> datetime | None:
    """When the last export into the folder wrote its last lines, if it has not finished."""
    parts = [part for part in (part_of(folder, file) for file in ALL_FILES) if part.exists()]
    return max((datetime.fromtimestamp(part.stat().st_mtime, UTC) for part in parts), default=None)

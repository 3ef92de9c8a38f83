"""Finds gaps: rows of the binlog that a connector did not read and can no longer read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.databases.mysql import Connection
from connectors.causes import RESNAPSHOT
from connectors.positions import Binlog, Position, is_of_snapshot, position_of


def reset(name: str, gtids: str) -> str:
    """The reason for a gap when the server never wrote what a connector has read."""
    return f"the server's binlog never had {gtids}: it was reset or replaced; {RESNAPSHOT.format(name=name)}"


def purged(name: str, gtids: str) -> str:
    """The reason for a gap when the binlog was purged before a connector had read it."""
    return f"the binlog was purged before it was read: {gtids}; {RESNAPSHOT.format(name=name)}"


async def gap_now(binlog: Binlog, name: str, position: Position) -> str:
    """The reason for a gap between a connector's position and the current binlog, or ""."""
    if missing := await binlog.lacks(position):
        return reset(name, missing)
    missing = await binlog.purged_after(position)
    return purged(name, missing) if missing else ""


class Gaps:
    """The gaps of all connectors. A gap lasts until the connector's offsets are deleted for a new snapshot."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._reset: dict[str, str] = {}
        self._purged: dict[str, str] = {}
        self._read: dict[str, Position] = {}
        self._was_running: set[str] = set()
        self._server, self._end = "", Position("", ".0", 0)

    @property
    def found(self) -> dict[str, str]:
        """Each connector that misses rows, with the reason and the remedy."""
        return self._purged | self._reset

    async def check_server(self, connection: Connection) -> None:
        """Detect that the server's binlog was reset, also while Connect is unavailable: a reset binlog grows again.

        Another server with the same GTIDs was not reset, whatever its files are.
        """
        binlog = await Binlog.of(connection)
        server, end = await binlog.server(), await binlog.end()
        lost = await binlog.lacks(self._end) if self._server else ""
        if server == self._server and end.is_before(self._end):
            lost = lost or str(self._end)
        if lost:
            self._reset |= {name: reset(name, lost) for name in self._names}
        self._server, self._end = server, end

    async def check_connector(
        self, connection: Connection, name: str, offset: Mapping[str, Any] | None, running: bool
    ) -> None:
        """Check one connector. `offset` was read before this call; None if it has none."""
        if offset is None:
            for known in (self._read, self._reset, self._purged):
                known.pop(name, None)
        elif not is_of_snapshot(offset):
            await self._check_position(await Binlog.of(connection), name, position_of(offset), running)
        (self._was_running.add if running else self._was_running.discard)(name)

    async def _check_position(self, binlog: Binlog, name: str, position: Position, running: bool) -> None:
        """A connector that ran since the last check has read what was purged, even if its offset is not committed yet.

        A connector that runs again is judged by its position before: it may have continued after the gap.
        """
        before = self._read.get(name, position)
        self._read[name] = position
        if missing := await binlog.lacks(position):
            self._reset[name] = reset(name, missing)
        elif not running or name not in self._was_running:
            if missing := await binlog.purged_after(before if running else position):
                self._purged[name] = purged(name, missing)
            elif not running:
                self._purged.pop(name, None)

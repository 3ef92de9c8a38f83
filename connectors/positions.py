"""Compares positions to find out whether the binlog still has everything that a connector has not read.

A state does not show a gap: a connector continues without error, and without the rows between, if its server was reset
or replaced meanwhile. Its position is a set of GTIDs if the server has them, else a file and a place in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.databases.mysql import Connection


@dataclass(frozen=True)
class Position:
    """A position in a binlog. `gtids` is a set of MySQL or a position of MariaDB; empty without GTIDs."""

    gtids: str
    file: str
    place: int

    def __str__(self) -> str:
        return self.gtids or f"{self.file}:{self.place}"

    def is_before(self, other: Position) -> bool:
        """Whether it is before the other in the files of one server."""
        return (_number(self.file), self.place) < (_number(other.file), other.place)


def is_of_snapshot(offset: Mapping[str, Any]) -> bool:
    """Whether the offset was written during a snapshot."""
    return bool(offset.get("snapshot")) or "file" not in offset


def position_of(offset: Mapping[str, Any]) -> Position:
    """The position in a connector's offset."""
    return Position(str(offset.get("gtids") or ""), str(offset["file"]), int(offset.get("pos") or 0))


class Binlog:
    """The binlog of a server, read with statements that MySQL 8.0 to 9.7 and MariaDB share."""

    def __init__(self, connection: Connection, *, is_mariadb: bool) -> None:
        self._connection, self._is_mariadb = connection, is_mariadb

    @classmethod
    async def of(cls, connection: Connection) -> Binlog:
        """The binlog of a connection's server. Its account needs REPLICATION CLIENT."""
        row = await connection.fetch_one("SELECT VERSION() AS version")
        assert row is not None, "this statement always has one row"
        return cls(connection, is_mariadb="mariadb" in row["version"].lower())

    async def server(self) -> str:
        """The id of the server; a replica that replaces it has another one."""
        return await self._value(f"SELECT @@global.{'server_id' if self._is_mariadb else 'server_uuid'} AS value")

    async def end(self) -> Position:
        """The current end of the binlog."""
        files = await self._files()
        last = max(files, key=_number)
        return Position(await self._executed(), last, files[last])

    async def lacks(self, position: Position) -> str:
        """What the server never wrote before this position, because it was reset or replaced; "" if nothing."""
        if position.gtids and self._is_mariadb:
            written = _by_domain(await self._executed())
            return ",".join(
                gtid for domain, gtid in _by_domain(position.gtids).items() if _sequence(written, domain) < _last(gtid)
            )
        if position.gtids:
            return await self._value("SELECT GTID_SUBTRACT(%s, @@global.gtid_executed) AS value", position.gtids)
        files = await self._files()
        is_ahead = _number(position.file) > max(map(_number, files)) or position.place > files.get(position.file, 2**63)
        return str(position) if is_ahead else ""

    async def purged_after(self, position: Position) -> str:
        """What the server wrote after this position and has purged; "" if nothing."""
        files = await self._files()
        first = min(files, key=_number)
        if position.gtids and self._is_mariadb:
            begin = await self._value("SELECT BINLOG_GTID_POS(%s, 4) AS value", first)
            read = _by_domain(position.gtids)
            return ",".join(
                f"{read.get(domain, 'the start')} to {gtid}"
                for domain, gtid in _by_domain(begin).items()
                if _sequence(read, domain) < _last(gtid)
            )
        if position.gtids:
            return await self._value("SELECT GTID_SUBTRACT(@@global.gtid_purged, %s) AS value", position.gtids)
        return f"{position} to {first}" if _number(position.file) < _number(first) else ""

    async def _executed(self) -> str:
        name = "gtid_binlog_pos" if self._is_mariadb else "gtid_executed"
        return await self._value(f"SELECT @@global.{name} AS value")

    async def _files(self) -> dict[str, int]:
        rows = await self._connection.fetch_all("SHOW BINARY LOGS")
        return {row["Log_name"]: int(row["File_size"]) for row in rows}

    async def _value(self, sql: str, *values: str) -> str:
        row = await self._connection.fetch_one(sql, values)
        return "".join(str(row["value"] or "").split()) if row else ""


def _by_domain(gtids: str) -> dict[str, str]:
    """GTIDs of MariaDB (domain-server-sequence) by domain."""
    return {gtid.partition("-")[0]: gtid for gtid in gtids.split(",") if gtid}


def _sequence(gtids: Mapping[str, str], domain: str) -> int:
    return _last(gtids[domain]) if domain in gtids else 0


def _last(gtid: str) -> int:
    return int(gtid.rpartition("-")[2])


def _number(file: str) -> int:
    return int(file.rpartition(".")[2])

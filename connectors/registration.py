"""Registers the connectors through Connect's REST API: safe to repeat, and only once their tables exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from chassis.databases.mysql import Connection, Database
from chassis.logs import logger
from chassis.settings import mysql
from connectors import heartbeats
from connectors.connect_api import Connect
from contracts.heartbeats import SOURCES, Source

log = logger(__name__)

FOLDER = Path(__file__).parent
MARIADB = "io.debezium.connector.mariadb.MariaDbConnector"


class MissingTables(Exception):
    """The tables of a connector do not exist yet. Registered now, the connector would fail."""


def configurations() -> dict[str, dict[str, str]]:
    """The configuration of every connector by name, as in its file: for MySQL, with placeholders for secrets."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("oms-*.json"))}


def as_for(server_version: str, configuration: dict[str, str]) -> dict[str, str]:
    """The configuration for this server: Debezium has a separate connector class for MariaDB."""
    if "mariadb" in server_version.lower():
        return {**configuration, "connector.class": MARIADB}
    return configuration


async def register_all() -> list[str]:
    """Register connectors that are missing or have changed, and return their names. Raises MissingTables."""
    database, connect = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None)), Connect()
    try:
        async with database.reading() as connection:
            version = await connection.fetch_one("SELECT VERSION() AS version")
        assert version is not None
        wanted = {name: as_for(version["version"], each) for name, each in configurations().items()}
        return [name for name, each in wanted.items() if await _register(connect, database, name, each)]
    finally:
        await connect.close()
        await database.close()


async def create_heartbeat(name: str) -> None:
    """Create the heartbeat table of a connector if it is missing."""
    database = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            await heartbeats.create_table(connection, _source(name))
    finally:
        await database.close()


async def _register(connect: Connect, database: Database, name: str, wanted: dict[str, str]) -> bool:
    """Register one connector. Returns false if it is registered with this configuration.

    No connection to the database is held while Connect is asked, which may be slower than a transaction may take.
    """
    registered = await connect.configuration(name)
    if registered == {**wanted, "name": name}:
        return False
    source = _source(name)
    async with database.reading() as connection:
        await _check_tables(connection, wanted, source.heartbeat.name)
    # A running connector does not know the columns of a table created before the table was added to its configuration.
    # So it is stopped, and reads the creation of the table from the binlog after it is resumed. It has read past that
    # for a table that a service created, and past its first rows: then all tables are snapshotted.
    new_tables = _tables(wanted) - _tables(registered) if registered is not None else set()
    if new_tables:
        await connect.stop(name)
        if new_tables != {f"{source.database}.{source.heartbeat.name}"}:
            await connect.delete_offsets(name)
            log.info("new tables, snapshot started", connector=name, tables=sorted(new_tables))
    async with database.reading() as connection:
        await heartbeats.create_table(connection, source)
    await connect.configure(name, wanted)
    if new_tables:
        await connect.resume(name)
    log.info("connector registered", connector=name)
    return True


async def _check_tables(connection: Connection, wanted: dict[str, str], heartbeat: str) -> None:
    rows = await connection.fetch_all(
        "SELECT LOWER(CONCAT(table_schema, '.', table_name)) AS name FROM information_schema.tables"
    )
    present = [row["name"] for row in rows]
    if missing := absent(wanted, present, heartbeat):
        raise MissingTables(f"tables are missing: {', '.join(missing)}")


def absent(wanted: dict[str, str], present: Iterable[str], heartbeat: str) -> list[str]:
    """The captured tables that do not exist, except the heartbeat's; of a pattern such as `store_.*` one must exist.

    Another one that is created later needs no snapshot: the connector reads its creation from the binlog.
    """
    names = list(present)
    return sorted(
        table
        for table, pattern in _patterns(wanted).items()
        if not table.endswith(f".{heartbeat}") and not any(map(re.compile(pattern).fullmatch, names))
    )


def _source(connector: str) -> Source:
    return next(source for source in SOURCES if source.connector == connector)


def _tables(configuration: dict[str, str]) -> set[str]:
    return set(_patterns(configuration))


def _patterns(configuration: dict[str, str]) -> dict[str, str]:
    """The regular expression of each captured table by its name."""
    return {pattern.replace("\\.", "."): pattern for pattern in configuration["table.include.list"].split(",")}

"""Registering the connectors over Connect's REST: safe to repeat, and only once their tables are there."""

from __future__ import annotations

import json
from pathlib import Path

from chassis.logs import logger
from chassis.mysql import Database
from chassis.settings import mysql
from connectors.connect_api import Connect

log = logger(__name__)

FOLDER = Path(__file__).parent
MARIADB = "io.debezium.connector.mariadb.MariaDbConnector"


class TablesMissing(Exception):
    """The tables of a connector are not made yet. Registered now, it would fail: the binlog has no start."""


def configurations() -> dict[str, dict[str, str]]:
    """Every connector by its name, as its file has it: for MySQL, secrets as placeholders."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("oms-*.json"))}


def as_for(server_version: str, configuration: dict[str, str]) -> dict[str, str]:
    """The configuration for the server at hand: Debezium has a connector class of its own for MariaDB."""
    if "mariadb" in server_version.lower():
        return {**configuration, "connector.class": MARIADB}
    return configuration


async def register_all() -> list[str]:
    """Register what is missing or has changed. Returns the names of those. Raises TablesMissing."""
    database, connect = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None)), Connect()
    try:
        async with database.reading() as connection:
            version = await connection.fetch_one("SELECT VERSION() AS version")
            tables = await connection.fetch_all(
                "SELECT LOWER(CONCAT(table_schema, '.', table_name)) AS name FROM information_schema.tables"
            )
        assert version is not None
        changed = []
        for name, template in configurations().items():
            configuration = as_for(version["version"], template)
            _check_tables(configuration, {row["name"] for row in tables})
            if await connect.configuration(name) != {**configuration, "name": name}:
                await connect.configure(name, configuration)
                log.info("connector registered", connector=name)
                changed.append(name)
        return changed
    finally:
        await connect.close()
        await database.close()


def _check_tables(configuration: dict[str, str], present: set[str]) -> None:
    wanted = {table.replace("\\.", ".") for table in configuration["table.include.list"].split(",")}
    if missing := sorted(wanted - present):
        raise TablesMissing(f"tables are missing: {', '.join(missing)}")

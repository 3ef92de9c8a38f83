"""The state of the connectors and their tasks: why one failed, and which rows are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pymysql

from chassis import addresses
from chassis.databases.mysql import Database
from chassis.http.errors.problems import Problem
from chassis.settings import SettingMissing, mysql
from connectors.causes import cause, is_running
from connectors.connect_api import Connect
from connectors.gaps import gap_now
from connectors.positions import Binlog, is_of_snapshot, position_of
from connectors.registration import configurations

WATCH_TIMEOUT_S = 3.0


async def connector_states() -> list[tuple[str, str, str, str]]:
    """Name, part, state and reason of each connector and task, including connectors that are not registered.

    A connector that misses rows has an additional part "position", even if its other parts run.
    """
    connect = Connect()
    try:
        registered = await connect.names()
        statuses = [await connect.status(name) for name in registered]
        gaps = await _gaps(connect, statuses)
    finally:
        await connect.close()
    gaps = await _gaps_of_watch() | gaps
    missing = [(name, "connector", "NOT REGISTERED", "") for name in sorted(configurations().keys() - set(registered))]
    return [
        *(part for status in statuses for part in _parts(status)),
        *((name, "position", "GAP", reason) for name, reason in sorted(gaps.items())),
        *missing,
    ]


async def _gaps(connect: Connect, statuses: list[dict[str, Any]]) -> dict[str, str]:
    """The gap between the binlog and the position of each connector that does not run."""
    stopped = [status["name"] for status in statuses if not is_running(status) and status["name"] in configurations()]
    found: dict[str, str] = {}
    if not stopped:
        return found
    try:
        database = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    except SettingMissing:
        return found
    try:
        for name in stopped:
            offset = await connect.offset(name)
            if offset is not None and not is_of_snapshot(offset):
                async with database.reading() as connection:
                    found[name] = await gap_now(await Binlog.of(connection), name, position_of(offset))
    except (Problem, pymysql.err.MySQLError):  # the states are shown all the same
        return found
    finally:
        await database.close()
    return {name: reason for name, reason in found.items() if reason}


async def _gaps_of_watch() -> dict[str, str]:
    """The gaps that the watch has found: only it remembers earlier positions of running connectors."""
    try:
        async with httpx.AsyncClient(timeout=WATCH_TIMEOUT_S) as http:
            found: dict[str, str] = (await http.get(f"{addresses.url('connectors')}/gaps")).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return {}
    return found


def _parts(status: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    name = status["name"]
    for part, each in [("connector", status["connector"]), *((f"task {task['id']}", task) for task in status["tasks"])]:
        has_failed = each["state"] == "FAILED"
        yield name, part, each["state"], str(cause(name, str(each.get("trace", "")))) if has_failed else ""
    if not status["tasks"]:
        yield name, "task", "NONE", "Connect has not started it yet"

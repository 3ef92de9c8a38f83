"""A connector of one store alone, for the time of a drill: the stack has one connector for all stores."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

from chassis import settings
from chassis.databases.mysql import Database
from chassis.retrying import attempts
from connectors.causes import is_running
from connectors.connect_api import Connect, ConnectError
from connectors.positions import Binlog, Position, is_of_snapshot, position_of
from contracts.stores import STORE_HEARTBEAT

SHARED = STORE_HEARTBEAT.writer.removeprefix("connect:")
ALL_STORES = "store_.*"
SERVER_ID = "5499"
TIMEOUT_S = 120.0


def of_one_store(shared: dict[str, str], store_id: str) -> dict[str, str]:
    """The configuration of a connector of this store alone, which publishes to the same topics, from now on."""
    name, database = connector_name(store_id), _database(store_id)
    prefix, tables = name.replace("-", "_"), shared["table.include.list"].split(",")
    left_out = ("name", "heartbeat.action.query")
    return {key: value for key, value in shared.items() if key not in left_out} | {
        "database.server.id": SERVER_ID,
        "database.include.list": database,
        "table.include.list": ",".join(
            each.replace(ALL_STORES, database) for each in tables if each.startswith(ALL_STORES)
        ),
        "topic.prefix": prefix,
        "snapshot.mode": "no_data",
        "schema.history.internal.kafka.topic": f"_{name}-schema-history",
        "transforms.route.regex": rf"{prefix}\.\w+\.(\w+)",
    }


def without_store(shared: dict[str, str], store_id: str) -> dict[str, str]:
    """The configuration of the connector of all stores but this one."""
    database = _database(store_id)
    databases, tables = (shared[f"{kind}.include.list"] for kind in ("database", "table"))
    return {key: value for key, value in shared.items() if key != "name"} | {
        "database.include.list": databases.replace(ALL_STORES, rf"store_(?!{database.removeprefix('store_')}$).*"),
        "table.include.list": tables.replace(ALL_STORES, rf"store_(?!{database.removeprefix('store_')}\.).*"),
    }


def connector_name(store_id: str) -> str:
    """The name of the connector of one store."""
    return f"oms-drill-{store_id}"


@asynccontextmanager
async def own_connector(connect: Connect, store_id: str) -> AsyncIterator[str]:
    """The name of a connector that publishes the store's rows while the block runs; that of all stores does not.

    At the beginning and at the end both publish them for a moment, so that no row is missing. Raises ConnectError.
    """
    name = connector_name(store_id)
    shared = await connect.configuration(SHARED)
    assert shared is not None, "the stack has it"
    await connect.configure(name, of_one_store(shared, store_id))
    try:
        await _until_passed(connect, name)
        await _reconfigure(connect, SHARED, without_store(shared, store_id))
        try:
            yield name
        finally:
            await connect.resume(name)
            await _reconfigure(connect, SHARED, {key: value for key, value in shared.items() if key != "name"})
            await _until_passed(connect, name)
    finally:
        await connect.stop(name)
        await connect.delete_offsets(name)
        await connect.delete(name)


def _database(store_id: str) -> str:
    return f"store_{store_id.replace('-', '_')}"


async def _reconfigure(connect: Connect, name: str, configuration: dict[str, str]) -> None:
    """Return once the connector runs with this configuration. Raises ConnectError."""

    async def runs() -> bool:
        return is_running(await connect.status(name))

    await connect.stop(name)  # otherwise its state could be that of its former tasks
    await connect.configure(name, configuration)
    await connect.resume(name)
    await _until(runs, f"{name} does not run")


async def _until_passed(connect: Connect, name: str) -> None:
    """Return once the connector has published what is in the binlog by now. Raises ConnectError."""
    end = await _end_of_binlog()

    async def has_passed() -> bool:
        offset = await connect.offset(name)
        return offset is not None and not is_of_snapshot(offset) and not position_of(offset).is_before(end)

    await _until(has_passed, f"{name} has not read the binlog up to {end.file}:{end.place}")


async def _until(is_so: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=1):
        if await is_so():
            return
        if monotonic() > deadline:
            raise ConnectError(f"{otherwise} after {TIMEOUT_S:g} s; see: oms status")


async def _end_of_binlog() -> Position:
    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            return await (await Binlog.of(connection)).end()
    finally:
        await database.close()

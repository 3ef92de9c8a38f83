"""No lock outlives its owner: a process that stands still inside a transaction holds up others for some seconds."""

from __future__ import annotations

import asyncio
import sys
from uuid import uuid4

import psutil
import pytest

from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Connection, Database, GuardFailed, LockConflict, transact
from chassis.rest import idempotency
from tests.support.eventually import eventually
from tests.support.system.processes import CHECKOUT

OWNER = """
import asyncio, sys
from orders.settings import database

async def main():
    async with database().transaction() as tx:
        await tx.execute("UPDATE idempotency_key SET status = 1 WHERE caller = %s", [sys.argv[1]])
        print("locked", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""
STATUS = "SELECT status FROM idempotency_key WHERE caller = %s"
CHANGE = "UPDATE idempotency_key SET status = status + 1 WHERE caller = %s"


@pytest.fixture
async def row(own_database: Database) -> str:
    """A row that all want."""
    await migrate_mysql(own_database, idempotency.MIGRATIONS)
    name = str(uuid4())
    async with own_database.reading() as connection:
        await connection.execute(idempotency.INSERT, [name, name, "", 100, "{}", "", None])
    return name


async def status(database: Database, row: str) -> int:
    async with database.reading() as connection:
        found = await connection.fetch_one(STATUS, [row])
    assert found is not None
    return int(found["status"])


async def test_the_lock_of_a_process_that_stands_still_ends(own_database: Database, row: str) -> None:
    """It would wait for ever otherwise. What it had changed is rolled back, and it cannot commit once it goes on."""
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, row),
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"locked\n"
    psutil.Process(owner.pid).suspend()

    async def is_changed() -> None:
        try:
            async with own_database.transaction() as tx:
                await tx.execute(CHANGE, [row])
        except LockConflict as error:
            raise AssertionError("the lock is held") from error

    await eventually(is_changed)
    psutil.Process(owner.pid).resume()

    assert (await owner.communicate(b"\n"))[0] == b""
    assert owner.returncode == 1
    assert await status(own_database, row) == 101


async def test_a_connection_may_be_idle_after_its_transaction(own_database: Database, row: str) -> None:
    async def usual(connection: Connection) -> bool:
        found = await connection.fetch_one("SELECT @@session.wait_timeout = @@global.wait_timeout AS is_usual")
        assert found is not None
        return bool(found["is_usual"])

    async def fail(tx: Connection) -> None:
        assert not await usual(tx)
        raise LookupError

    async def refuse(tx: Connection) -> None:
        tx.before_commit(CHANGE, [row], changes=2)

    await transact(own_database, lambda tx: tx.execute(CHANGE, [row]))
    async with own_database.reading() as connection:
        assert await usual(connection)
    for work, error in ((fail, LookupError), (refuse, GuardFailed)):
        with pytest.raises(error):
            await transact(own_database, work)
        async with own_database.reading() as connection:
            assert await usual(connection)


async def test_a_hot_row_is_changed_last_or_nothing_is_written(own_database: Database, row: str) -> None:
    async def work(tx: Connection, changes: int) -> int:
        tx.before_commit(CHANGE, [row], changes=changes)
        tx.after_commit(STATUS, [row])
        await tx.execute_and_commit(CHANGE, [row])
        return int(tx.rows_after_commit[0]["status"])

    with pytest.raises(GuardFailed):
        await transact(own_database, lambda tx: work(tx, 2))
    assert await status(own_database, row) == 100

    assert await transact(own_database, lambda tx: work(tx, 1)) == 102

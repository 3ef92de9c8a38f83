"""What a transaction says when COMMIT is not answered: a clean failure only if nothing can have been written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from chassis.databases import mysql
from chassis.databases.mysql import Connection, Database, Deadlock, GuardFailed, LockConflict, transact
from chassis.databases.mysql_commits import BEGIN, ROLLBACK
from chassis.http.errors.problems import OutcomeUnknown, Unavailable
from chassis.settings import MySQLSettings
from tests.support.system.mysql_protocol import Answer, ScriptedServer

FOR_HOURS = 10_000.0
SOON = 0.001

Work = Callable[[Connection], Awaitable[None]]
Open = Callable[..., Awaitable[Database]]


async def _commit_at_the_end(tx: Connection) -> None:
    await tx.execute("UPDATE a")


async def _commit_at_once(tx: Connection) -> None:
    await tx.execute_and_commit("UPDATE a")


both = pytest.mark.parametrize("work", [_commit_at_the_end, _commit_at_once])


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens a database whose server answers as it is told to."""
    ends: list[Callable[[], None]] = []

    async def open_database(server: ScriptedServer, timeout_s: float, commit_timeout_s: float) -> Database:
        port = await server.start()
        settings = MySQLSettings("u", "p", "d", "127.0.0.1", port, 1, FOR_HOURS, commit_timeout_s=commit_timeout_s)
        database = Database(settings)
        await database.ping()
        async with database.reading():  # the connection is opened before the time of the transaction begins
            pass
        server.is_scripted = True
        object.__setattr__(settings, "timeout_s", timeout_s)
        ends.extend((server.stop, database._pool.close, database._ping_pool.close))
        return database

    yield open_database
    for end in ends:
        end()


def answering(commit: Answer, other: Answer | None = None) -> ScriptedServer:
    """A server that answers COMMIT by `commit` and all else by `other`, at once without."""

    async def answer(statement: str) -> int | None:
        if statement == "COMMIT":
            return await commit(statement)
        return await other(statement) if other else None

    return ScriptedServer(answer)


async def never(_: str) -> int | None:
    await asyncio.Event().wait()
    return None


async def at_once(_: str) -> int | None:
    return None


async def lost(_: str) -> int | None:
    raise ConnectionError


def failing(number: int) -> Answer:
    async def answer(_: str) -> int | None:
        return number

    return answer


@both
async def test_what_takes_too_long_before_commit_is_a_clean_failure(opened: Open, work: Work) -> None:
    async def slow(statement: str) -> int | None:
        return await never(statement) if statement == "SELECT 2" else None

    async def slow_work(tx: Connection) -> None:
        await tx.execute("SELECT 2")
        await work(tx)

    server = answering(at_once, slow)
    database = await opened(server, SOON, FOR_HOURS)

    with pytest.raises(Unavailable) as raised:
        await transact(database, slow_work)

    assert raised.value.kind == "dependency-unavailable"
    assert "COMMIT" not in server.received


@both
async def test_a_late_answer_of_commit_is_the_result(opened: Open, work: Work) -> None:
    """The answer comes only once the time of the transaction is over, and its timeout would have been noticed."""
    deadlines: list[float] = []

    async def late(_: str) -> int | None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_at(deadlines[0], over.set_result, None)
        await over
        for _turn in range(10):
            await asyncio.sleep(0)
        return None

    async def timed(tx: Connection) -> None:
        deadline = tx._commit._limit.when()
        assert deadline is not None
        deadlines.append(deadline)
        await work(tx)

    server = answering(late)
    database = await opened(server, 1.0, FOR_HOURS)

    await transact(database, timed)

    assert server.received == [*BEGIN, "UPDATE a", "SET wait_timeout = DEFAULT", "COMMIT"]
    async with database.reading() as connection:  # the connection is as good as before
        await connection.execute("SELECT 1")


@both
async def test_an_answer_of_commit_that_never_comes_is_unknown(opened: Open, work: Work) -> None:
    server = answering(never)
    database = await opened(server, FOR_HOURS, SOON)

    with pytest.raises(OutcomeUnknown) as raised:
        await transact(database, work)

    assert (raised.value.status, raised.value.kind) == (503, "outcome-unknown")
    assert database._pool._free == []


@both
async def test_a_connection_that_is_lost_in_commit_is_unknown(opened: Open, work: Work) -> None:
    database = await opened(answering(lost), FOR_HOURS, FOR_HOURS)

    with pytest.raises(OutcomeUnknown):
        await transact(database, work)


async def test_a_connection_that_is_lost_before_its_commit_was_executed_is_unknown_too(opened: Open) -> None:
    """COMMIT was sent together with the statement: this side cannot tell which of the two was executed."""
    database = await opened(answering(at_once, lost), FOR_HOURS, FOR_HOURS)

    with pytest.raises(OutcomeUnknown):
        await transact(database, _commit_at_once)


async def test_a_connection_that_is_lost_before_commit_was_sent_is_a_clean_failure(opened: Open) -> None:
    database = await opened(answering(at_once, lost), FOR_HOURS, FOR_HOURS)

    with pytest.raises(Unavailable) as raised:
        await transact(database, _commit_at_the_end)

    assert raised.value.kind == "dependency-unavailable"


async def test_who_is_closed_before_commit_is_sent_has_a_clean_failure(opened: Open) -> None:
    database = await opened(answering(at_once), FOR_HOURS, FOR_HOURS)

    async def close(tx: Connection) -> None:
        await tx.execute("UPDATE a")
        tx._raw.close()

    with pytest.raises(Unavailable) as raised:
        await transact(database, close)

    assert raised.value.kind == "dependency-unavailable"


@both
async def test_who_is_cancelled_in_commit_ends_and_says_no_clean_failure(opened: Open, work: Work) -> None:
    arrived = asyncio.Event()

    async def hear(statement: str) -> int | None:
        arrived.set()
        return await never(statement)

    database = await opened(answering(hear), FOR_HOURS, FOR_HOURS)
    working = asyncio.create_task(transact(database, work))
    await arrived.wait()
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working
    assert (database._pool._free, database._pool._lent) == ([], set())


@both
@pytest.mark.parametrize("number", [1205, 1290])
async def test_a_commit_that_the_server_refuses_is_a_clean_failure(opened: Open, work: Work, number: int) -> None:
    database = await opened(answering(failing(number)), FOR_HOURS, FOR_HOURS)

    with pytest.raises(Unavailable) as raised:
        await transact(database, work)

    assert raised.value.kind == "dependency-unavailable"
    assert isinstance(raised.value, LockConflict) == (number == 1205)


@both
@pytest.mark.parametrize("number", [1053, 1180, 1317, 3100, 3169])
async def test_a_commit_that_is_ended_by_the_server_is_unknown(opened: Open, work: Work, number: int) -> None:
    database = await opened(answering(failing(number)), FOR_HOURS, FOR_HOURS)

    with pytest.raises(OutcomeUnknown):
        await transact(database, work)


@both
async def test_a_deadlock_in_commit_is_tried_again(opened: Open, work: Work) -> None:
    server = answering(failing(1213))
    database = await opened(server, FOR_HOURS, FOR_HOURS)

    with pytest.raises(Deadlock):
        await transact(database, work)

    assert server.received.count("COMMIT") == mysql._TRIES


async def test_a_refused_statement_with_commit_behind_it_is_a_clean_failure(opened: Open) -> None:
    async def full(statement: str) -> int | None:
        return 1021 if statement == "UPDATE a" else None

    database = await opened(answering(at_once, full), FOR_HOURS, FOR_HOURS)

    with pytest.raises(Unavailable) as raised:
        await transact(database, _commit_at_once)

    assert raised.value.kind == "dependency-unavailable"


async def _hot_row(tx: Connection) -> None:
    tx.later("INSERT b")
    tx.before_commit("UPDATE hot", changes=2)
    tx.after_commit("SELECT hot")
    await tx.execute_and_commit("INSERT a")


GUARD = "SET wait_timeout = IF(ROW_COUNT() = 2, @@global.wait_timeout, NULL)"


def refusing(refused: str, number: int) -> ScriptedServer:
    """A server that answers one statement by this error."""

    async def answer(statement: str) -> int | None:
        return number if statement == refused else None

    return ScriptedServer(answer)


async def test_a_hot_row_is_changed_last_and_read_after_commit(opened: Open) -> None:
    server = refusing("SELECT hot", 1146)  # what fails after COMMIT has no effect on it
    database = await opened(server, FOR_HOURS, FOR_HOURS)

    await transact(database, _hot_row)

    assert server.received == [*BEGIN, "INSERT b", "INSERT a", "UPDATE hot", GUARD, "COMMIT", "SELECT hot"]


async def test_a_guard_that_fails_rolls_back_and_is_raised(opened: Open) -> None:
    server = refusing(GUARD, 1231)
    database = await opened(server, FOR_HOURS, FOR_HOURS)

    with pytest.raises(GuardFailed):
        await transact(database, _hot_row)

    assert server.received[-2:] == [*ROLLBACK]


async def test_the_time_that_ends_after_commit_is_no_clean_failure(opened: Open) -> None:
    async def slow(statement: str) -> int | None:
        return await never(statement) if statement == "SELECT hot" else None

    database = await opened(ScriptedServer(slow), FOR_HOURS, SOON)

    with pytest.raises(OutcomeUnknown):
        await transact(database, _hot_row)


async def test_a_transaction_that_sent_nothing_sends_no_rollback(opened: Open) -> None:
    server = answering(at_once)
    database = await opened(server, FOR_HOURS, FOR_HOURS)

    async def refuse(tx: Connection) -> None:
        tx.later("INSERT b")
        raise LookupError

    with pytest.raises(LookupError):
        await transact(database, refuse)

    assert server.received == []

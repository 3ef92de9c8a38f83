"""What is neither an outage nor bad data: said, waited for, and never set aside with all records it happens to meet."""

from __future__ import annotations

import errno

import asyncpg
import pymysql
import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from chassis.chunks.batch import Batch
from chassis.chunks.handling import FAULTS, check_faults, handle_safely
from contracts.orders import ORDER
from tests.support.aside import Aside
from tests.support.shop.rows import a_batch, an_order

OF_ALL_RECORDS = [
    pymysql.err.ProgrammingError(1146, "Table 'orders.replica_product' doesn't exist"),
    pymysql.err.OperationalError(1054, "Unknown column 'price' in 'field list'"),
    pymysql.err.OperationalError(1045, "Access denied"),
    asyncpg.UndefinedColumnError("column does not exist"),
    asyncpg.InsufficientPrivilegeError("permission denied"),
    TopicAuthorizationFailedError(),
    OSError(errno.EMFILE, "Too many open files"),
]


@pytest.mark.parametrize("error", OF_ALL_RECORDS, ids=lambda error: type(error).__name__)
async def test_what_no_record_is_to_blame_for_is_said_until_it_is_repaired(error: Exception) -> None:
    said: list[str] = []
    handled: list[Batch] = []

    async def handle(batch: Batch) -> None:
        if len(said) < 2:
            said.append(reason())
            raise error
        said.append(reason())
        handled.append(batch)

    aside = Aside()
    batch = a_batch(ORDER, [an_order() for _ in range(3)])
    await handle_safely(batch, handle, aside)

    assert said[0] == ""
    assert said[1] == said[2] == f"records are not processed: {type(error).__name__}: {error}"
    assert handled == [batch]
    assert aside.offsets == []
    assert reason() == ""


@pytest.mark.parametrize("error", [ConnectionRefusedError(), pymysql.err.OperationalError(2013, "lost")])
async def test_an_outage_is_no_fault(error: Exception) -> None:
    tries = 0

    async def handle(_: Batch) -> None:
        nonlocal tries
        tries += 1
        assert reason() == ""
        if tries < 3:
            raise error

    aside = Aside()
    await handle_safely(a_batch(ORDER, [an_order()]), handle, aside)
    assert (tries, aside.offsets) == (3, [])


@pytest.mark.parametrize(
    "bug", [KeyError("price"), TypeError("None"), AttributeError("None has no price"), ValueError()]
)
async def test_the_row_that_our_code_does_not_expect_is_set_aside(bug: Exception) -> None:
    done: list[int] = []

    async def handle(batch: Batch) -> None:
        offsets = [entry.record.offset for entry in batch.entries]
        if 1 in offsets:
            raise bug
        done.extend(offsets)

    aside = Aside()
    await handle_safely(a_batch(ORDER, [an_order() for _ in range(3)]), handle, aside)
    assert (done, aside.offsets) == ([0, 2], [1])
    assert reason() == ""


async def test_what_a_library_says_once_is_no_fault_of_a_row() -> None:
    tries = 0

    async def handle(_: Batch) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise AttributeError("'NoneType' object has no attribute 'at_eof'")

    aside = Aside()
    await handle_safely(a_batch(ORDER, [an_order()]), handle, aside)
    assert (tries, aside.offsets) == (2, [])


def reason() -> str:
    """What the worker's readiness says."""
    try:
        check_faults()
    except LookupError as error:
        assert FAULTS._value.get() == 1
        return str(error)
    assert FAULTS._value.get() == 0
    return ""

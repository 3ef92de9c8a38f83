"""Returns in the read model: the newest row of each, whole, however rows arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations

import msgspec
import pytest

from chassis.databases.postgres import Database
from contracts.json_text import normalize_json_text
from contracts.order_returns import ORDER_RETURN, OrderReturnRow
from orders_stream import settings
from orders_stream.agents import project
from tests.support.shop.rows import a_batch, a_line, a_return_row, an_order
from tests.support.views.read_model import ReadModel

PAID = a_return_row(a_line(an_order()))
ASKED = msgspec.structs.replace(PAID, status="requested", refund_amount=None, currency=None, version=1)
GONE = msgspec.structs.replace(PAID, is_deleted=True)


@pytest.fixture
async def owner(read_model: ReadModel) -> AsyncIterator[Database]:
    """The read model as orders_stream has it."""
    opened = settings.read_model()
    yield opened
    await opened.close()


async def test_a_return_is_stored_as_its_row_is(owner: Database) -> None:
    await project(owner, ORDER_RETURN, "order_return")(a_batch(ORDER_RETURN, [PAID]))

    [row] = await owner.fetch("SELECT *, lines::text AS text FROM order_return", ())
    names = [name for name in PAID.__struct_fields__ if name not in ("is_deleted", "committed_ms", "lines")]
    assert {name: row[name] for name in names} == {name: getattr(PAID, name) for name in names}
    assert (row["text"], row["deleted"]) == (PAID.lines, False)
    assert normalize_json_text(PAID.lines) == PAID.lines


@pytest.mark.parametrize("arrival", list(permutations([ASKED, PAID, GONE])))
async def test_the_newest_row_stays_however_rows_arrive(owner: Database, arrival: list[OrderReturnRow]) -> None:
    for each in arrival:
        await project(owner, ORDER_RETURN, "order_return")(a_batch(ORDER_RETURN, [each]))

    [row] = await owner.fetch("SELECT * FROM order_return", ())
    assert (row["status"], row["version"], row["deleted"]) == ("refunded", 6, True)

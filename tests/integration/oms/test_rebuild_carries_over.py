"""`oms rebuild` carries over what the workers have not published yet, from this layout and from the former one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple
from uuid import uuid4

import msgspec
import pytest

from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderDetailRow, OrderRow
from oms.repair.rebuild import read_model, schemas
from oms.repair.rebuild.schemas import LIVE
from orders_stream import documents, incomplete
from orders_stream.merging import by_order
from orders_stream.transactions import writing
from orders_stream.writing import write
from tests.support.shop.on_topics import put
from tests.support.shop.rows import a_line, an_order
from tests.support.views.former_read_model import make_former, put_shown, put_unpublished
from tests.support.views.rebuilding import lone_read_model


class Superseded(NamedTuple):
    """An order with two lines, and the version that is shown, before the first one was published."""

    row: OrderRow
    lines: Sequence[OrderDetailRow]
    newest: OrderRow
    its_lines: Sequence[OrderDetailRow]


@pytest.fixture
async def owner(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PoolConnection]:
    """A connection to the live read model, which is empty, and alone."""
    async with lone_read_model(monkeypatch) as connection:
        yield connection


@pytest.fixture(params=["changed", "deleted"])
def order(request: pytest.FixtureRequest) -> Superseded:
    row = an_order(line_count=2, cancellation_reason=None, number=None)
    lines = [a_line(row, 1), a_line(row, 2)]
    if request.param == "deleted":
        return Superseded(row, lines, msgspec.structs.replace(row, is_deleted=True), [])
    changed = msgspec.structs.replace(row, version=2, lines_version=2, line_count=1)
    return Superseded(row, lines, changed, [a_line(changed)])


async def is_still_published(connection: PoolConnection, order: Superseded) -> None:
    """Rebuild: both versions are to be published, each with its lines."""
    await put(order.newest, *order.lines, *order.its_lines)
    transaction, others = uuid4(), [uuid4()]
    await connection.execute(f"INSERT INTO {LIVE}.publishing VALUES (3, $1, $2)", transaction, others)

    await read_model.rebuild(fresh=False)

    kept = (await incomplete.read(connection, [order.row.order_id]))[order.row.order_id]
    assert kept.orders == [order.row]
    assert sorted(kept.lines, key=lambda line: line.line_number) == order.lines
    publication = await documents.read(connection, [order.row.order_id])
    assert [(each.version, each.deleted, len(each.lines)) for each in publication.documents] == [
        (1, False, 2),
        (2, order.newest.is_deleted, len(order.its_lines)),
    ]
    pending = await connection.fetch(f"SELECT * FROM {LIVE}.publishing")
    assert [tuple(row) for row in pending] == [(3, transaction, others)]


async def test_a_superseded_version_is_published_after_a_rebuild(owner: PoolConnection, order: Superseded) -> None:
    database = schemas.read_model_in(LIVE)
    async with writing(database) as tx:
        await write(tx, by_order([order.row, order.newest], [*order.lines, *order.its_lines]), publishes=True)
    await database.close()

    await is_still_published(owner, order)


async def test_a_superseded_version_of_the_former_layout_too(owner: PoolConnection, order: Superseded) -> None:
    await schemas.drop(owner, LIVE)
    await make_former(owner, LIVE)
    await put_unpublished(owner, LIVE, order.row, *order.lines)
    await put_shown(owner, LIVE, order.newest, *order.its_lines)

    await is_still_published(owner, order)

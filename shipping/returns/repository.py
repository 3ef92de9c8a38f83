"""The SQL of returns: locks them, folds their events, and appends events together with the row they lead to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import reduce
from typing import NamedTuple
from uuid import UUID

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.databases.mysql_times import aware
from contracts.order_returns import OrderReturnRow
from contracts.rows import columns
from shipping.columns import values
from shipping.events import streams
from shipping.events.streams import Cause
from shipping.returns.events import CODEC, ReturnEvent, ReturnRequested
from shipping.returns.folding import apply, begin, fold
from shipping.returns.rows import row_of
from shipping.returns.state import Return

COLUMNS = tuple(columns(OrderReturnRow))
_QUOTED = [f"`{name}`" for name in COLUMNS]

_LOCK = "SELECT return_id, version FROM order_return WHERE return_id = %s FOR UPDATE"
_INSERT = f"INSERT INTO order_return ({', '.join(_QUOTED)}) VALUES ({placeholders(COLUMNS)})"
_UPDATE = f"UPDATE order_return SET {', '.join(f'{name} = %s' for name in _QUOTED)} WHERE return_id = %s"
_READ = f"SELECT {', '.join(_QUOTED)} FROM order_return WHERE return_id = %s"
_OF_ORDER = "SELECT return_id FROM order_return WHERE order_id = %s"

STREAM = "return:"


class Stored(NamedTuple):
    """A return as it is. `raised` is by how much the version of its row exceeds its number of events."""

    state: Return
    raised: int = 0

    @property
    def version(self) -> int:
        """The version of its row."""
        return self.state.version + self.raised

    def row(self, updated_at: datetime) -> OrderReturnRow:
        """Its row."""
        return row_of(self.state, updated_at, self.raised)


def stream_of(return_id: UUID | str) -> str:
    """The stream of a return's events."""
    return f"{STREAM}{return_id}"


async def lock(tx: Connection, return_id: UUID) -> Stored | None:
    """The return, locked until the transaction ends; None if there is none.

    The transaction may have locked rows before, and must not have read any without a lock.
    """
    row = await tx.fetch_one(_LOCK, [str(return_id)])
    if row is None:
        return None
    state = (await read_states(tx, [return_id]))[return_id]
    return Stored(state, max(0, row["version"] - state.version))


async def read_states(connection: Connection, return_ids: Collection[UUID]) -> dict[UUID, Return]:
    """The states that the events of these returns lead to."""
    if not return_ids:
        return {}
    rows = await streams.read(connection, [stream_of(each) for each in return_ids])
    folded = ((each, fold(each, CODEC.decode_rows(rows[stream_of(each)]))) for each in return_ids)
    return {return_id: state for return_id, state in folded if state is not None}


async def of_order(tx: Connection, order_id: UUID) -> list[Return]:
    """All returns of a locked order."""
    rows = await tx.fetch_all(_OF_ORDER, [str(order_id)])
    return list((await read_states(tx, [UUID(row["return_id"]) for row in rows])).values())


async def find_row(connection: Connection, return_id: UUID) -> Row | None:
    """The row of a return, or None."""
    return await connection.fetch_one(_READ, [str(return_id)])


async def find_past(
    connection: Connection, return_id: UUID, version: int | None, at: datetime | None
) -> OrderReturnRow | None:
    """The row to which the first `version` events led, or those recorded until `at`; None if there are none."""
    rows = await streams.read_until(connection, stream_of(return_id), version, at)
    state = fold(return_id, CODEC.decode_rows(rows))
    return None if state is None else row_of(state, aware(rows[-1]["recorded_at"]))


def append_later(
    tx: Connection, before: Stored, events: Sequence[ReturnEvent], cause: Cause, moment: datetime
) -> Stored:
    """Append events to a locked return, and write the row they lead to, together with the next statement."""
    after = Stored(reduce(apply, events, before.state), before.raised)
    return_id = before.state.return_id
    streams.append_later(tx, stream_of(return_id), before.state.version, events, cause, moment)
    tx.later(_UPDATE, [*values(after.row(moment)), str(return_id)])
    return after


def open_later(
    tx: Connection, return_id: UUID, events: Sequence[ReturnEvent], cause: Cause, moment: datetime
) -> Stored:
    """Insert a new return, whose first event is its request, together with the next statement."""
    first, *others = events
    assert isinstance(first, ReturnRequested), "a stream begins with the request"
    opened = Stored(reduce(apply, others, begin(return_id, first)))
    streams.append_later(tx, stream_of(return_id), 0, events, cause, moment)
    tx.later(_INSERT, values(opened.row(moment)))
    return opened

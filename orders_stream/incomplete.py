"""The SQL of the table `incomplete_order`: rows of orders that are not part of a whole order that is shown.

They wait for others, or for their publication. Each is the JSON of its row in the contract, so that a new column of an
order needs no column here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec

from chassis.databases.postgres import PoolConnection
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderRow
from orders_stream.merging import Merged, Rows, by_order

Key = tuple[UUID, str, UUID, int]
"""The primary key of the table: order, topic, row and version."""

READ = "SELECT topic, value::text FROM incomplete_order WHERE order_id = ANY($1::uuid[])"

KEYS = """
SELECT w.order_id, w.topic, w.row_id, w.version, o.version AS shown
FROM incomplete_order AS w LEFT JOIN sales_order AS o USING (order_id) WHERE w.order_id = ANY($1::uuid[])
"""

# A row that does not fit into `sales_order` is rejected when it arrives, not with the rows that complete the order.
INSERT = """
INSERT INTO incomplete_order (order_id, topic, row_id, version, value)
SELECT order_id, topic, row_id, version, value::json
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[])
    AS arriving (order_id, topic, row_id, version, value)
WHERE CASE topic
    WHEN 'order' THEN (jsonb_populate_record(null::sales_order, value::jsonb)).order_id IS NOT NULL
        AND (value::json ->> 'delivery_addresses')::jsonb IS NOT NULL
    ELSE (jsonb_populate_record(null::sales_order_line, value::jsonb)).line_number IS NOT NULL
END
ORDER BY order_id, topic, row_id, version
ON CONFLICT DO NOTHING
"""

DELETE = """
DELETE FROM incomplete_order USING unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[])
    AS done (order_id, topic, row_id, version)
WHERE incomplete_order.order_id = done.order_id AND incomplete_order.topic = done.topic
    AND incomplete_order.row_id = done.row_id AND incomplete_order.version = done.version
"""

# As long as topics may keep superseded records: the rows of orders contain addresses. The newest row of an order, and
# its lines, wait without limit.
FORGET_SUPERSEDED = """
DELETE FROM incomplete_order AS here WHERE received_at < now() - interval '7 days' AND CASE topic
    WHEN 'order' THEN EXISTS (
        SELECT FROM incomplete_order AS newer
        WHERE newer.order_id = here.order_id AND newer.topic = 'order' AND newer.version > here.version
    ) OR EXISTS (SELECT FROM sales_order AS o WHERE o.order_id = here.order_id AND o.version >= here.version)
    ELSE EXISTS (SELECT FROM sales_order AS o WHERE o.order_id = here.order_id AND o.deleted)
END
"""

_decode_order, _decode_line = ORDER.decoder(), ORDER_DETAIL.decoder()


async def read(connection: PoolConnection, orders: Collection[UUID]) -> dict[UUID, Rows]:
    """The rows of those of these orders that have any."""
    found = [(topic, value.encode()) for topic, value in await connection.fetch(READ, orders)] if orders else []
    rows = [_decode_order(value) for topic, value in found if topic == ORDER.name]
    lines = [_decode_line(value) for topic, value in found if topic == ORDER_DETAIL.name]
    return {each.order_id: each for each in by_order(rows, lines)}


def keys_of(rows: Rows) -> dict[Key, OrderRow | OrderDetailRow]:
    """The rows by their keys."""
    keys: dict[Key, OrderRow | OrderDetailRow] = {
        (rows.order_id, ORDER.name, rows.order_id, row.newest_version): row for row in rows.orders
    }
    return keys | {
        (rows.order_id, ORDER_DETAIL.name, row.order_detail_id, row.newest_version): row for row in rows.lines
    }


async def change(tx: PoolConnection, changes: Iterable[tuple[Rows, Rows]]) -> None:
    """Store rows so that each order has the second ones where it had the first ones."""
    added: dict[Key, OrderRow | OrderDetailRow] = {}
    removed: list[Key] = []
    for before, after in changes:
        old, new = keys_of(before), keys_of(after)
        added |= {key: row for key, row in new.items() if key not in old}
        removed += old.keys() - new.keys()
    if added:
        values = [msgspec.json.encode(row).decode() for row in added.values()]
        await tx.execute(INSERT, *map(list, zip(*added, strict=True)), values)
    await delete(tx, removed)


async def changed_by_others(connection: PoolConnection, orders: Sequence[Merged]) -> list[UUID]:
    """Those of these orders that have rows here, and are not as the transaction left them that wrote these orders."""
    rows = await connection.fetch(KEYS, [each.waiting.order_id for each in orders]) if orders else []
    if not rows:
        return []
    known = {each.waiting.order_id: each for each in orders}
    found: dict[UUID, None] = {}
    for *key, shown in rows:
        order = known[key[0]]
        version = order.shown.row.newest_version if order.shown else None
        if version != shown or tuple(key) not in keys_of(order.waiting):
            found[key[0]] = None
    return sorted(found)


async def delete(tx: PoolConnection, keys: Sequence[Key]) -> None:
    """Delete these rows."""
    if keys:
        await tx.execute(DELETE, *map(list, zip(*sorted(keys), strict=True)))


async def forget_superseded(connection: PoolConnection) -> None:
    """Delete versions that were not published within a week, since their lines never arrived."""
    await connection.execute(FORGET_SUPERSEDED)

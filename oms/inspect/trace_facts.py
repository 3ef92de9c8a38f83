"""Derives the facts that a verdict needs from the trace of an order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderRow
from oms.inspect.order_trace import OrderTrace, Record
from oms.inspect.verdict import Facts, TopicVersion, differences


def facts(trace: OrderTrace) -> Facts:
    """The facts of a trace."""
    row, shown = trace.row, trace.shown
    newest = trace.waiting_orders[-1] if trace.waiting_orders else None
    received = [shown["version"] if shown else None, newest.newest_version if newest else None]
    expected = row or (msgspec.structs.asdict(newest) if newest else shown)
    return Facts(
        mysql=row["version"] if row else None,
        topic=_newest(trace.of(ORDER)),
        received=max((version for version in received if version is not None), default=None),
        shown=shown["version"] if shown else None,
        graph=_newest(trace.of(ORDERS_GRAPH)),
        is_deleted=row is None and _is_deleted(trace),
        lines_expected=expected["line_count"] if expected else 0,
        lines_on_topic=trace.lines_on_topic(expected) if expected else 0,
        lines_missing=tuple(trace.missing_lines(newest)) if newest else (),
        unread_orders=trace.unread(ORDER),
        unread_lines=trace.unread(ORDER_DETAIL),
        differing=tuple(_differing(trace)),
        unavailable=trace.unavailable,
    )


def _newest(records: Sequence[Record]) -> TopicVersion | None:
    versions = [TopicVersion(_version(record), record.position) for record in records if record.message is not None]
    return max(versions, key=lambda newest: newest.version, default=None)


def _version(record: Record) -> int:
    message = record.message
    return message.newest_version if isinstance(message, OrderRow) else message.version if message else 0


def _is_deleted(trace: OrderTrace) -> bool:
    deleted_row = any(isinstance(each.message, OrderRow) and each.message.is_deleted for each in trace.of(ORDER))
    return deleted_row or bool(trace.shown and trace.shown["deleted"])


def _differing(trace: OrderTrace) -> list[str]:
    """What differs between MySQL and the read model although both have the same version."""
    row, shown = trace.row, trace.shown
    if row is None or shown is None or row["version"] != shown["version"]:
        return []
    found = differences(row, shown)
    projected = {line["order_line_id"]: line for line in trace.shown_lines if not line["deleted"]}
    for line in trace.row_lines:
        twin = projected.get(UUID(line["order_detail_id"]))
        found += [f"line {line['line_number']} {name}" for name in (differences(line, twin) if twin else ["(missing)"])]
    stored = {UUID(line["order_detail_id"]) for line in trace.row_lines}
    invented = [line for id, line in projected.items() if id not in stored]
    return found + [f"line {line['line_number']} (not in MySQL)" for line in invented]

"""From what the places hold of an order to the few facts that a verdict needs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderRow
from oms.inspect.order_places import Places, Record
from oms.inspect.verdict import Facts, OnTopic, differences


def facts(places: Places) -> Facts:
    """What the verdict needs to know."""
    row, heard, shown = places.row, places.heard, places.shown
    wanted = row or heard
    return Facts(
        mysql=row["version"] if row else None,
        topic=_newest(places.of(ORDER)),
        heard=heard["version"] if heard else None,
        shown=shown["version"] if shown else None,
        graph=_newest(places.of(ORDERS_GRAPH)),
        is_deleted=row is None and _is_deleted(places),
        lines_wanted=wanted["line_count"] if wanted else 0,
        lines_on_topic=places.lines_on_topic(wanted) if wanted else 0,
        lines_heard=len(places.heard_lines),
        unread_orders=places.unread(ORDER),
        unread_lines=places.unread(ORDER_DETAIL),
        differing=tuple(_differing(places)),
        away=places.away,
    )


def _newest(records: Sequence[Record]) -> OnTopic | None:
    versions = [OnTopic(_version(record), record.position) for record in records if record.message is not None]
    return max(versions, key=lambda found: found.version, default=None)


def _version(record: Record) -> int:
    message = record.message
    return message.newest_version if isinstance(message, OrderRow) else message.version if message else 0


def _is_deleted(places: Places) -> bool:
    deleted_row = any(isinstance(each.message, OrderRow) and each.message.is_deleted for each in places.of(ORDER))
    return deleted_row or bool(places.shown and places.shown["deleted"])


def _differing(places: Places) -> list[str]:
    """What is not the same in MySQL and in the read model, though both have the same version."""
    row, shown = places.row, places.shown
    if row is None or shown is None or row["version"] != shown["version"]:
        return []
    found = differences(row, shown)
    projected = {line["order_line_id"]: line for line in places.shown_lines}
    for line in places.row_lines:
        twin = projected.get(UUID(line["order_detail_id"]))
        found += [f"line {line['line_number']} {name}" for name in (differences(line, twin) if twin else ["(missing)"])]
    stored = {UUID(line["order_detail_id"]) for line in places.row_lines}
    invented = [line for id, line in projected.items() if id not in stored]
    return found + [f"line {line['line_number']} (not in MySQL)" for line in invented]

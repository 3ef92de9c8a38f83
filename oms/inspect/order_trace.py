"""The trace of one order: its MySQL rows, its records on three topics, its rows in the read model. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderDetailRow, OrderGraph, OrderRow
from contracts.topics import Topic

Row = Mapping[str, Any]
Message = OrderRow | OrderDetailRow | OrderGraph


@dataclass(frozen=True)
class Record:
    """One record of the order on a topic. `message` is None for a tombstone."""

    topic: str
    partition: int
    offset: int
    time: datetime
    message: Message | None

    @property
    def position(self) -> str:
        """Topic, partition and offset."""
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass(frozen=True)
class Waiting:
    """A row that the read model has received and does not show: it waits for other rows, or for its publication."""

    row: OrderRow | OrderDetailRow
    since: datetime


@dataclass
class OrderTrace:
    """What MySQL, Kafka and Postgres have of one order. `unavailable` has the reason for each that failed.

    `shown_lines` are all lines in the row of the read model, deleted ones included.
    """

    order_id: UUID
    row: Row | None = None
    row_lines: list[Row] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    shown: Row | None = None
    shown_lines: list[Row] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    progress: dict[tuple[str, int], int] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether the order was found anywhere."""
        return bool(self.row or self.records or self.waiting or self.shown)

    @property
    def waiting_orders(self) -> list[OrderRow]:
        """The versions of the order that are not shown, oldest first."""
        rows = [each.row for each in self.waiting if isinstance(each.row, OrderRow)]
        return sorted(rows, key=lambda row: row.newest_version)

    def lines_received(self, lines_version: int) -> dict[UUID, tuple[int, bool]]:
        """The number of each line of a `lines_version` that the read model has, and whether it is deleted."""
        shown = self.shown_lines if self.shown and self.shown["lines_version"] == lines_version else []
        found = {line["order_line_id"]: (line["line_number"], line["deleted"]) for line in shown}
        rows = [each.row for each in self.waiting if isinstance(each.row, OrderDetailRow)]
        return found | {
            line.order_detail_id: (line.line_number, line.is_deleted)
            for line in sorted(rows, key=lambda row: row.newest_version)
            if line.lines_version == lines_version
        }

    def missing_lines(self, order: OrderRow) -> list[int]:
        """The numbers of the lines for which a version of the order waits."""
        arrived = {number for number, _ in self.lines_received(order.lines_version).values()}
        return sorted(set(range(1, order.line_count + 1)) - arrived)

    def of(self, topic: Topic[Any]) -> list[Record]:
        """The order's records on one topic, oldest first."""
        return [record for record in self.records if record.topic == topic.name]

    def unread(self, topic: Topic[Any]) -> int:
        """Records of the order's partition that the read model has not read; 0 once it read the order's last one."""
        records = self.of(topic)
        if not records:
            return 0
        partition = topic.name, records[-1].partition
        next_offset = self.progress.get(partition, 0)
        return self.ends[partition] - next_offset if records[-1].offset >= next_offset else 0

    @property
    def is_all_on_topics(self) -> bool:
        """Whether each topic has a record, and `order` with its lines the version of MySQL, if MySQL has the order.

        The topics have different keys: after partitions were added, one of them may have another partition for the
        order and the other the same as before.
        """
        if not self.of(ORDER) or not self.of(ORDERS_GRAPH):
            return False
        if self.row is None:
            return True
        versions = [each.message.version for each in self.of(ORDER) if isinstance(each.message, OrderRow)]
        is_newest = max(versions, default=0) >= self.row["version"]
        return bool(is_newest and self.lines_on_topic(self.row) >= self.row["line_count"])

    def lines_on_topic(self, order: Row) -> int:
        """The number of the order's lines on the topic, each counted once.

        Lines are counted by line number, as the read model does: a repair may have deleted a line MySQL never had.
        """
        newest: dict[UUID, OrderDetailRow] = {}
        for record in self.of(ORDER_DETAIL):
            line = record.message
            if isinstance(line, OrderDetailRow) and line.lines_version == order["lines_version"]:
                known = newest.get(line.order_detail_id)
                if known is None or known.newest_version <= line.newest_version:
                    newest[line.order_detail_id] = line
        lines = newest.values()
        return len(
            {each.line_number for each in lines if not each.is_deleted or each.line_number <= order["line_count"]}
        )


def record_key(topic: Topic[Any], order_id: UUID) -> bytes:
    """The order's key on a topic, byte for byte: the partition is computed from it."""
    return b'{"%s":"%s"}' % (topic.key.encode(), str(order_id).encode())


def made_at_ms(order_id: UUID) -> int:
    """When the order was created, in milliseconds since 1970, from a version 7 UUID (RFC 9562); 0 for another id."""
    return order_id.int >> 80 if order_id.version == 7 else 0

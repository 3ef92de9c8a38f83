"""Whether an order is equal everywhere, or at which step it is stuck. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

MOST_NUMBERS = 10
"""Line numbers that are named."""


@dataclass(frozen=True)
class TopicVersion:
    """The newest version of the order on a topic, and the position of that record."""

    version: int
    position: str


@dataclass(frozen=True)
class Facts:
    """The version at each step of the data flow. None where there is none, or it is `unavailable`.

    `received` is the newest version that the read model has, shown or not. `lines_missing` are the numbers of the lines
    for which it waits.
    """

    mysql: int | None
    topic: TopicVersion | None
    received: int | None
    shown: int | None
    graph: TopicVersion | None
    is_deleted: bool
    lines_expected: int
    lines_on_topic: int
    lines_missing: tuple[int, ...]
    unread_orders: int
    unread_lines: int
    differing: tuple[str, ...]
    unavailable: Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """The result in one sentence. `is_whole` is true when the order is complete and equal everywhere."""

    text: str
    is_whole: bool


def verdict(facts: Facts) -> Verdict:
    """The first step that has not happened yet, or that the order is equal everywhere."""
    for step in (_to_topics, _to_read_model, _to_shown, _to_graph):
        stuck = step(facts)
        if stuck:
            return Verdict(stuck, is_whole=False)
    if facts.differing:
        return Verdict(f"the read model differs from MySQL in {', '.join(facts.differing)}", is_whole=False)
    versions = {version for version in _versions(facts) if version is not None}
    if len(versions) > 1:
        return Verdict("the order changed during the trace; trace it again", is_whole=False)
    version = versions.pop()
    if facts.unavailable:
        return Verdict(
            f"version {version} where it can be checked; {' and '.join(facts.unavailable)} is unavailable",
            is_whole=False,
        )
    return Verdict(f"{'deleted' if facts.is_deleted else 'whole'}: version {version} everywhere", is_whole=True)


def differences(row: Mapping[str, Any], shown: Mapping[str, Any]) -> list[str]:
    """The columns whose values differ between MySQL and the read model, compared as text and in UTC."""
    return sorted(name for name in row.keys() & shown.keys() if _plain(row[name], name) != _plain(shown[name], name))


def _to_topics(facts: Facts) -> str | None:
    if facts.unavailable.keys() & {"MySQL", "Kafka"}:
        return None
    if facts.mysql is None and facts.topic is not None and not facts.is_deleted:
        return f"MySQL has deleted it, topic order has version {_on(facts.topic)}: Kafka Connect is behind"
    if (facts.mysql or 0) > (facts.topic.version if facts.topic else 0):
        return f"MySQL has version {facts.mysql}, topic order has {_on(facts.topic)}: Kafka Connect is behind"
    if facts.lines_on_topic < facts.lines_expected:
        found = f"topic order_detail has {facts.lines_on_topic} of its {facts.lines_expected} lines"
        return f"MySQL has version {facts.mysql}, {found}: Kafka Connect is behind"
    return None


def _to_read_model(facts: Facts) -> str | None:
    if (
        facts.unavailable.keys() & {"Kafka", "Postgres"}
        or facts.topic is None
        or facts.topic.version <= (facts.received or 0)
    ):
        return None
    source = "" if facts.mysql is None else f"MySQL has version {facts.mysql}, "
    found = f"{source}topic order has {_on(facts.topic)}, the read model has {facts.received or 'nothing'}"
    return f"{found}: {_behind(facts.unread_orders, 'order')}"


def _to_shown(facts: Facts) -> str | None:
    if "Postgres" in facts.unavailable or (facts.received or 0) <= (facts.shown or 0):
        return None
    found = f"the read model has received version {facts.received} and shows {facts.shown or 'nothing'}"
    if not facts.lines_missing:
        return f"{found}, all its lines have arrived: orders_stream has not put it together yet"
    several = len(facts.lines_missing) > 1
    numbers = ", ".join(map(str, facts.lines_missing[:MOST_NUMBERS])) + (
        "…" if facts.lines_missing[MOST_NUMBERS:] else ""
    )
    lines = f"line{'s' * several} {numbers} {'have' if several else 'has'} not arrived"
    return f"{found}, {lines}: {_behind(facts.unread_lines, 'order_detail')}"


def _to_graph(facts: Facts) -> str | None:
    if facts.unavailable.keys() & {"Kafka", "Postgres"} or (facts.shown or 0) <= (
        facts.graph.version if facts.graph else 0
    ):
        return None
    found = f"the read model shows version {facts.shown}, topic orders-graph has {_on(facts.graph)}"
    return f"{found}: orders_stream has not published it yet"


def _behind(unread: int, topic: str) -> str:
    if unread > 0:
        return f"orders_stream is {unread} {'record' if unread == 1 else 'records'} behind"
    return f"orders_stream has read past it; run: oms dead-letters list --topic {topic}"


def _on(found: TopicVersion | None) -> str:
    return f"{found.version} at {found.position}" if found else "nothing"


def _versions(facts: Facts) -> list[int | None]:
    on_topics = [found.version for found in (facts.topic, facts.graph) if found]
    return [facts.mysql, facts.received, facts.shown, *on_topics]


def _plain(value: Any, column: str) -> str:
    """The value as text: MySQL has ids as text and times without a zone, and each formats JSON differently."""
    if column == "delivery_addresses":
        return msgspec.json.encode(msgspec.json.decode(value), order="sorted").decode()
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return str(value)

"""How the gateway's statements read the read model: by which indexes, and how many rows of which tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from chassis.databases.postgres import Database
from gateway.settings import read_model

Statement = tuple[str, tuple[Any, ...]]

_ROWS = """
SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables
WHERE schemaname = current_schema
"""


@dataclass
class Reading:
    """What statements do: the indexes they use, the tables they read from end to end, and how many rows they read."""

    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    rows: int = 0


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """A list that grows with each statement on orders, customers and stock of any pool of this process."""
    found: list[Statement] = []
    fetch, fetchval, together = Database.fetch, Database.fetchval, Database.fetch_together
    fetch_runs = Database.fetch_runs

    def record(statement: str, parameters: Any) -> None:
        if any(
            table in statement
            for table in (
                "sales_order",
                "customer AS",
                "availability",
                "FROM store",
                "restock_request",
                "shipment",
                "order_return",
            )
        ):
            found.append((statement, tuple(parameters)))

    async def recording_fetch(self: Database, statement: str, parameters: Any) -> Any:
        record(statement, parameters)
        return await fetch(self, statement, parameters)

    async def recording_fetchval(self: Database, statement: str, parameters: Any) -> Any:
        record(statement, parameters)
        return await fetchval(self, statement, parameters)

    async def recording_together(self: Database, statement: str, parameters: Any) -> Any:
        record(statement, parameters)
        return await together(self, statement, parameters)

    async def recording_runs(self: Database, statement: str, runs: Any) -> Any:
        for parameters in runs:
            record(statement, parameters)
        return await fetch_runs(self, statement, runs)

    monkeypatch.setattr(Database, "fetch_together", recording_together)
    monkeypatch.setattr(Database, "fetch_runs", recording_runs)
    monkeypatch.setattr(Database, "fetch", recording_fetch)
    monkeypatch.setattr(Database, "fetchval", recording_fetchval)
    return found


async def reading(statements: list[Statement]) -> Reading:
    """Carry the statements out once more, as the gateway does: by the plan that is for all values."""
    assert statements, "no statement was recorded"
    found, database = Reading(), read_model()
    try:
        for statement, parameters in statements:
            async with database.transaction() as tx:
                await tx.execute(f"PREPARE asked AS {statement}")
                nulls = f"({', '.join(['NULL'] * len(parameters))})" if parameters else ""
                plan = json.loads(await tx.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{nulls}"))
                await tx.execute("DEALLOCATE asked")
                await tx.fetch(statement, *parameters)
                found.rows += sum(row["rows"] for row in await tx.fetch(_ROWS))
            for node in _nodes(plan[0]["Plan"]):
                found.indexes |= {node["Index Name"]} if "Index Name" in node else set()
                found.scanned |= {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    finally:
        await database.close()
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)

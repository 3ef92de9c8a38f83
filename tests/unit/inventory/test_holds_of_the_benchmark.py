"""The benchmark of reservations compares with the statements that the service sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from benchmarks.inventory.reservations.bare_holds import CART, statements
from benchmarks.inventory.shelves import STORE
from chassis.databases.mysql import Connection
from chassis.rest.idempotency import INSERT
from inventory.decisions.rules import Part
from inventory.holds.repository import NewHold, insert_hold


class Recorder:
    """Notes the statements that are sent, with the number of their parameters."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []

    def later(self, sql: str, parameters: Any = ()) -> None:
        self.sent.append((sql, len(parameters)))

    def before_commit(self, sql: str, parameters: Any = (), *, changes: int) -> None:
        self.later(sql, parameters)

    def after_commit(self, sql: str, parameters: Any = ()) -> None:
        self.later(sql, parameters)


def test_the_limit_has_the_statements_of_the_service() -> None:
    moment, tx = datetime(2026, 1, 31), Recorder()
    parts = [Part(number, STORE, sku, 1) for number, sku in enumerate(CART.skus())]

    insert_hold(cast(Connection, tx), NewHold(uuid4(), None, [], parts, moment, moment))

    bare = [(sql, len(parameters)) for sql, parameters in statements()]
    assert [each for each in bare if each[0] not in ("BEGIN", INSERT, "COMMIT")] == tx.sent

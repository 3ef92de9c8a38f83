"""What categories that were stored by an import or by hand do to the statements that copy them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chassis.databases.mysql import Connection
from chassis.http.errors.problems import Problem
from products.categories import copies


class NoRows:
    """A connection that remembers the slugs it was asked for, none of which exists."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch_all(self, sql: str, parameters: Any) -> list[dict[str, Any]]:
        self.asked += parameters
        return []


async def test_a_slug_that_no_column_can_hold_is_unknown_and_not_asked_for() -> None:
    tx = NoRows()

    with pytest.raises(Problem) as refused:
        await copies.copied(cast(Connection, tx), ["tea", "tés"])

    assert refused.value.status == 422
    assert [each["pointer"] for each in refused.value.errors or []] == ["#/categories/0", "#/categories/1"]
    assert tx.asked == ["tea"]

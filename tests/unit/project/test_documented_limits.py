"""The limits that the documents name are those of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chassis.databases.prepared import KEPT_BYTES
from chassis.http import rate_limits
from gateway.compiled.roots import MAX_SQL
from gateway.operations.cache import CACHE_BYTES
from gateway.operations.cost import COUNTING_ALL, SEARCHING
from gateway.operations.turns import FIELDS_A_TURN

ROOT = Path(__file__).parents[3]
PACKAGES = (
    *("chassis", "connectors", "gateway", "inventory", "local", "oms"),
    *("orders", "products", "reconciliation", "search", "shipping", "stores"),
)
ROWS = [line for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines() if line.startswith("|")]

READERS = ("seconds", "count")
"""The functions of `chassis/settings.py` that read a number, or its default."""


def defaults() -> Iterator[Any]:
    """Each variable that holds a number, with its default."""
    for file in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or _name(node.func) not in READERS or len(node.args) != 2:
                continue
            if isinstance(variable := node.args[0], ast.Constant):
                module = import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
                default = eval(ast.unparse(node.args[1]), vars(module))
                yield pytest.param(variable.value, default, id=f"{variable.value!r} of {module.__name__}")


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize(("variable", "default"), list(defaults()))
def test_every_limit_is_listed_with_its_default(variable: str, default: float) -> None:
    [row] = [row for row in ROWS if f"`{variable}`" in row]

    assert f"{default:.12g}" in row.replace(",", " ").replace(":", " ").replace(";", " ").split()


RATES = (ROOT / "docs/decisions/0007-rate-limits-live-in-redis-and-fail-open.md").read_text().replace("\n", " ")


@pytest.mark.parametrize(
    "text",
    [
        f"more than {rate_limits.MANY_LEFT:,} requests left",
        f"every {rate_limits.COUNT_EVERY_S * 1000:g} ms",
        f"retried every {rate_limits.PROBE_EVERY_S:g} s",
        "within 0.1 s",
    ],
)
def test_the_numbers_of_the_decision_on_rate_limits(text: str) -> None:
    assert text in RATES


STATEMENTS = (ROOT / "docs/decisions/0032-statements-are-weighed-and-answers-take-turns.md").read_text()


@pytest.mark.parametrize(
    "text",
    [
        f"at most {MAX_SQL // 1024} kB for one operation",
        f"keeps {KEPT_BYTES // 1024} KiB of SQL prepared",
        f"holds about {CACHE_BYTES // 10**6} MB",
        f"counts as {COUNTING_ALL:,} objects",
        f"every search for products as {SEARCHING}",
        f"After {FIELDS_A_TURN:,} fields",
    ],
)
def test_the_numbers_of_the_decision_on_statements(text: str) -> None:
    assert text in STATEMENTS.replace("\n", " ")


def test_the_limits_of_memory_are_listed() -> None:
    listed = f"{MAX_SQL // 1024} KiB of SQL for one GraphQL operation, {KEPT_BYTES // 1024} KiB kept prepared"

    assert any(listed in row and f"{CACHE_BYTES // 10**6} MB of cached operations" in row for row in ROWS)

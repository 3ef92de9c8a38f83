"""A test has the same name in each process: two that share the tests stop if their names differ."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.system.processes import CHECKOUT

CHANGING = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "uuid1", "uuid4", "uuid7", "random", "token_hex"}
"""Functions whose result is another one each time."""


def changing(source: str) -> Iterator[str]:
    """The calls of such functions in the parameters of tests."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.parametrize"):
            for called in ast.walk(node):
                if isinstance(called, ast.Call) and ast.unparse(called.func).rpartition(".")[2] in CHANGING:
                    yield f"line {called.lineno}: {ast.unparse(called)}"


@pytest.mark.parametrize("path", sorted((CHECKOUT / "tests").rglob("test_*.py")), ids=lambda path: path.stem)
def test_no_parameter_changes(path: Path) -> None:
    assert list(changing(path.read_text())) == []


def test_one_that_changes_is_found() -> None:
    assert list(changing('@pytest.mark.parametrize("at", [f"{datetime.now(UTC):%H}"])\ndef test(at): ...')) == [
        "line 1: datetime.now(UTC)"
    ]

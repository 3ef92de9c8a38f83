"""No text that a reader, a client or an operator sees has a word that is not used here: `tests/support/words.py`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from graphql import Node, Visitor, parse, visit

import customers.problems
import inventory.problems
import orders.problems
import products.problems
import shipping.problems
import stores.problems
from chassis.http.errors.problem_types import EVERY_SERVICE
from oms.main import app
from tests.support.words import wrong_words

ROOT = Path(__file__).parents[3]
CODE = [
    *("chassis", "connectors", "contracts", "customers", "gateway", "inventory", "local", "oms"),
    *("orders", "orders_stream", "products", "reconciliation", "search", "shipping", "stores"),
]
MARKDOWN = [
    file.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "demo/**/*.md", "benchmarks/*.md", *(f"{name}/**/*.md" for name in CODE))
    for file in ROOT.glob(pattern)
    if file.name != "problems.md"  # printed from the problem types
]
CODE_SPAN = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", re.DOTALL)

PROBLEM_TYPES = [
    *EVERY_SERVICE,
    *(each for of in (customers, products, orders, stores, inventory, shipping) for each in of.problems.TYPES),
]
LOG = {"debug", "info", "warning", "error", "exception", "critical"}
ERRORS = {"Problem", "fault", "Refusal", "BadInput", "ValueError"}


@pytest.mark.parametrize(("text", "instead"), [("Mend the body.", "fix"), ("the key is none", "malformed")])
def test_a_wrong_word_is_found(text: str, instead: str) -> None:
    assert [instead in each for each in wrong_words(text)] == [True]


@pytest.mark.parametrize("file", MARKDOWN, ids=str)
def test_words_of_a_markdown_file(file: Path) -> None:
    paragraphs = CODE_SPAN.sub("", (ROOT / file).read_text()).split("\n\n")

    _check(text for text in paragraphs if not text.startswith("    "))


@pytest.mark.parametrize("kind", PROBLEM_TYPES, ids=lambda kind: str(kind.kind))
def test_words_of_a_problem(kind: Any) -> None:
    details = [fault.get("detail", "") for fault in kind.example.errors]

    _check((kind.meaning, kind.remedy, kind.example.detail, *details))


@pytest.mark.parametrize("service", ["customers", "products", "orders", "stores", "inventory", "shipping"])
def test_words_of_an_openapi_document(service: str) -> None:
    document = json.loads((ROOT / service / "openapi.json").read_text())

    _check(set(_descriptions(document)))


def test_words_of_graphql_descriptions() -> None:
    texts: list[str] = []

    class Descriptions(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            texts.append(getattr(getattr(node, "description", None), "value", ""))

    visit(parse((ROOT / "gateway" / "schema.graphql").read_text()), Descriptions())

    _check(texts)


def test_words_of_the_command_line() -> None:
    _check(_help(typer.main.get_command(app)))


def test_words_of_the_help_of_make() -> None:
    _check(re.findall(r"^[a-z-]+:.*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("folder", CODE)
def test_words_of_log_events_and_errors(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))

    _check(f"{file.relative_to(ROOT)}: {text}" for file in files for text in _texts(ast.parse(file.read_text())))


def _check(texts: Iterable[str]) -> None:
    found = [each for text in texts for each in wrong_words(text)]
    assert not found, "\n".join(found)


def _descriptions(part: Any) -> Iterator[str]:
    """What an OpenAPI document says, examples excepted."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("description", "summary") and isinstance(value, str):
                yield value
            elif name not in ("example", "examples"):
                yield from _descriptions(value)
    elif isinstance(part, list):
        for each in part:
            yield from _descriptions(each)


def _help(command: Any) -> Iterator[str]:
    """Of a command and all below it. Typer brings a click of its own, which has no types."""
    yield command.help or ""
    for parameter in command.params:
        yield getattr(parameter, "help", None) or ""
    for each in getattr(command, "commands", {}).values():
        yield from _help(each)


def _texts(module: ast.Module) -> Iterator[str]:
    """The events of the log, and the texts of errors."""
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in LOG and call.args:
            yield from _literals(call.args[0])
        elif isinstance(call.func, ast.Name) and call.func.id in ERRORS:
            yield from (text for argument in call.args for text in _literals(argument))


def _literals(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value

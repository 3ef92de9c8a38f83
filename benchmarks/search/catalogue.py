"""Two catalogues to judge the search with: the sample company's, and a made-up department store's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from contracts import json_text
from contracts.products import ProductRow
from oms.company.lines.products import Product, product_body
from products.categories import tree
from search.text.synonyms import Synonyms

FOLDER = Path(__file__).parents[2] / "demo" / "northwind"
DEPARTMENT_STORE = Path(__file__).parent / "department_store"
_FIRST_CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> list[ProductRow]:
    """The 77 products of the sample company, created a minute apart."""
    lines = (FOLDER / "products.jsonl").read_bytes().splitlines()
    return _rows(with_categories(product_body(msgspec.json.decode(line, type=Product))) for line in lines)


def rows_of_department_store() -> list[ProductRow]:
    """153 products of electronics, clothes and kitchenware, with model numbers and sizes, in four currencies."""
    lines = (DEPARTMENT_STORE / "products.jsonl").read_bytes().splitlines()
    return _rows(_body(msgspec.json.decode(line)) for line in lines)


@cache
def synonyms() -> Synonyms:
    """The synonyms of the sample company."""
    return Synonyms(lines())


def lines() -> list[str]:
    """The lines of the synonyms file."""
    return _lines(FOLDER)


@cache
def synonyms_of_department_store() -> Synonyms:
    """The synonyms of the department store."""
    return Synonyms(_lines(DEPARTMENT_STORE))


def with_categories(body: dict[str, Any]) -> dict[str, Any]:
    """The body of a product of the sample company with copies of its categories in place of their slugs."""
    return {**body, "categories": tree.copies(body["categories"], _nodes())}


@cache
def _nodes() -> tree.Nodes:
    lines = map(msgspec.json.decode, (FOLDER / "categories.jsonl").read_bytes().splitlines())
    return {each["slug"]: tree.Node(each["name"], each.get("parent")) for each in lines}


def _lines(folder: Path) -> list[str]:
    return (folder / "synonyms.txt").read_text(encoding="utf-8").splitlines()


def _body(line: dict[str, Any]) -> dict[str, Any]:
    category = line.pop("category")
    return {**line, "categories": [{"name": category}]}


def _rows(bodies: Iterable[dict[str, Any]]) -> list[ProductRow]:
    return [_row(number, body) for number, body in enumerate(bodies)]


def _row(number: int, body: dict[str, Any]) -> ProductRow:
    created_at = _FIRST_CREATED + timedelta(minutes=number)
    values = {**body, "categories": json_text.to_json_text(body["categories"])}
    return msgspec.convert(
        {**values, "created_at": created_at, "updated_at": created_at, "version": 1}, ProductRow, strict=False
    )

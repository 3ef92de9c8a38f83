"""No line of a bulk import has a text that a database cannot hold: it is refused by itself, wherever the text is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request

from chassis.bulk.bulk import Bulk, LineResult, Outcome
from customers.bulk.models import ExportedCustomer
from customers.bulk.routes import LINE as CUSTOMER
from customers.examples import CUSTOMER_ID
from customers.examples import LINE as CUSTOMER_LINE
from orders.bulk.models import ExportedOrder
from orders.bulk.routes import LINE as ORDER
from orders.examples import EXPORTED_ORDER
from products.bulk.models import ExportedProduct
from products.bulk.routes import LINE as PRODUCT
from products.categories.bulk import LINE as CATEGORY
from products.categories.examples import EXPORTED_CATEGORY, NEW_CATEGORY
from products.categories.models import ExportedCategory
from products.examples import EXPORTED_PRODUCT, NEW_PRODUCT

FORMER_LINE = EXPORTED_ORDER["lines"][0] | {"id": "0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f", "linesVersion": 2}
ORDER_LINE = EXPORTED_ORDER | {"exported": EXPORTED_ORDER["exported"] | {"formerLines": [FORMER_LINE]}}

ROW = EXPORTED_PRODUCT["exported"] | {"id": CUSTOMER_ID}
KEPT_CUSTOMER = CUSTOMER_LINE | {
    "exported": ROW,
    "addresses": [address | {"exported": ROW} for address in CUSTOMER_LINE["addresses"]],
}

KINDS: dict[str, tuple[TypeAdapter[Any], dict[str, Any]]] = {
    "order": (ORDER, ORDER_LINE),
    "customer": (CUSTOMER, CUSTOMER_LINE),
    "exported customer": (CUSTOMER, KEPT_CUSTOMER),
    "product": (PRODUCT, NEW_PRODUCT),
    "exported product": (PRODUCT, EXPORTED_PRODUCT),
    "category": (CATEGORY, NEW_CATEGORY),
    "exported category": (CATEGORY, EXPORTED_CATEGORY),
}

EXPORTED = {
    "order": ExportedOrder,
    "exported customer": ExportedCustomer,
    "exported product": ExportedProduct,
    "exported category": ExportedCategory,
}

BAD = ["a\0", "\0", "\ud800", "a\udfffb"]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of texts, and of nulls, which may be texts."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from places(each, (*path, at))
    elif isinstance(value, str) or value is None:
        yield path


def with_text(line: dict[str, Any], path: tuple[str | int, ...], text: str) -> dict[str, Any]:
    changed: Any = deepcopy(line)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = text
    return dict(changed)


def pointer(path: tuple[str | int, ...]) -> str:
    return "".join(f"/{step}" for step in path)


CASES = [
    pytest.param(kind, path, id=f"{kind} {pointer(path)}") for kind, (_, line) in KINDS.items() for path in places(line)
]


async def posted(line: TypeAdapter[Any], *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """The results, by a database that takes every text."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": "\n".join(map(json.dumps, lines)).encode(), "more_body": False}

    async def write(entries: Any) -> list[Outcome]:
        return [LineResult(HTTPStatus.CREATED, {}) for _ in entries]

    request = Request({"type": "http", "path": "/bulk", "headers": []}, receive)
    bulk: Bulk[BaseModel] = Bulk(request, line, write)
    return [json.loads(each) async for part in bulk._results() for each in part.splitlines()]


@pytest.mark.parametrize(("kind", "path"), CASES)
async def test_a_line_is_refused_for_its_text_and_the_next_one_is_not(kind: str, path: tuple[str | int, ...]) -> None:
    adapter, line = KINDS[kind]

    *refused, taken, totals = await posted(adapter, *[with_text(line, path, each) for each in BAD], line)

    assert [each["status"] for each in refused] == [422] * len(BAD)
    for each in refused:
        assert f"#{pointer(path)}" in [error["pointer"] for error in each["problem"]["errors"]]
    assert (taken["status"], totals["refused"]) == (201, len(BAD))


@pytest.mark.parametrize("kind", EXPORTED)
def test_other_control_characters_that_are_stored_are_restored(kind: str) -> None:
    adapter, line = KINDS[kind]
    path = ("lines", 0, "productName") if "lines" in line else ("name",)

    adapter.validate_python(with_text(line, path, "a\n\x01é😀\u202e "))


@pytest.mark.parametrize(("kind", "model"), EXPORTED.items())
def test_every_text_of_an_exported_line_is_tried(kind: str, model: type[BaseModel]) -> None:
    without_text = {"active", "length", "width", "height"}

    assert {str(field.alias) for field in model.model_fields.values()} - without_text <= KINDS[kind][1].keys()

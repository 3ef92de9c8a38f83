"""The services' OpenAPI documents: what is checked in is what is served, and each example is true."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from chassis.openapi.documents import CHECKOUT, SERVICES, documents

Json = dict[str, Any]

LINES = "application/x-ndjson"
DOCUMENTS: dict[str, Json] = {
    service: json.loads((CHECKOUT / service / "openapi.json").read_text()) for service in SERVICES
}


@pytest.fixture
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The apps are made and never run."""
    for name in (*(f"OMS_{service.upper()}_DB_PASSWORD" for service in SERVICES), "OMS_REDIS_PASSWORD"):
        monkeypatch.setenv(name, "unused")
    monkeypatch.setenv("OMS_STORE_ID", "seattle")
    monkeypatch.setenv("OMS_STORE_SEATTLE_DB_PASSWORD", "unused")
    monkeypatch.setenv("OMS_CURSOR_KEY", "unused")


def operations() -> Iterator[tuple[str, str, Json]]:
    """Each operation with its service and its name."""
    for service, document in DOCUMENTS.items():
        for methods in document["paths"].values():
            for operation in methods.values():
                yield service, operation["operationId"], operation


def messages(operation: Json) -> Iterator[tuple[str, Json]]:
    """Each body that an operation takes or gives, by its media type."""
    for said in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from said.get("content", {}).items()


def problem_types(document: Json) -> dict[str, int]:
    """The status of each type of problem that a document has an example of."""
    return {kind: example["value"]["status"] for kind, example in document["components"]["examples"].items()}


def validator(document: Json, schema: Json) -> Any:
    with_all_it_refers_to = {**schema, "components": document["components"]}
    return Draft202012Validator(with_all_it_refers_to, format_checker=FormatChecker())


def values(document: Json, content: Json) -> list[Any]:
    """The examples of a body."""
    named = [_there(document, each)["value"] for each in content.get("examples", {}).values()]
    return named + ([content["example"]] if "example" in content else [])


def _there(document: Json, part: Json) -> Json:
    for step in part.get("$ref", "").split("/")[1:]:
        document = document[step]
    return document if "$ref" in part else part


@pytest.mark.usefixtures("_settings")
def test_what_is_checked_in_is_what_is_served() -> None:
    for file, text in documents().items():
        assert file.read_text() == text, "make openapi"


@pytest.mark.parametrize(("service", "name", "operation"), list(operations()))
def test_an_operation_says_what_it_is(service: str, name: str, operation: Json) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert all(each["description"] for each in operation.get("parameters", []))
    assert all(each["description"] for each in operation["responses"].values())
    assert all("X-Request-Id" in each["headers"] for each in operation["responses"].values())


@pytest.mark.parametrize(("service", "name", "operation"), list(operations()))
def test_each_body_of_an_operation_has_an_example_that_fits(service: str, name: str, operation: Json) -> None:
    document = DOCUMENTS[service]
    for media_type, content in messages(operation):
        examples = values(document, content)
        assert examples, media_type
        for example in examples:
            validator(document, content["schema"]).validate(example)
        if line := content["schema"].get("contentSchema"):
            for each in examples[0].splitlines():
                validator(document, line).validate(json.loads(each))


@pytest.mark.parametrize(("service", "name", "operation"), list(operations()))
def test_problems_are_of_the_status_that_they_are_shown_with(service: str, name: str, operation: Json) -> None:
    statuses = problem_types(DOCUMENTS[service])
    for status, response in operation["responses"].items():
        kinds = response.get("content", {}).get("application/problem+json", {}).get("examples", {})
        assert status < "400" or kinds
        assert {statuses[kind] for kind in kinds} <= {int(status)}


def test_orders_are_placed_with_a_key_and_changes_made_with_if_match() -> None:
    needed = {
        (name, each["name"])
        for _, name, operation in operations()
        for each in operation.get("parameters", [])
        if each["in"] == "header" and each["required"]
    }

    keyed = ("place_order", "move_units", "report_shortage", "make_reservation", "split_shipment", "request_return")
    changes = ["patch_stock", "patch_store", "delete_address", "delete_customer", "delete_product", "patch_customer"]
    changes += ["patch_product", "track_parcel", "delete_depot"]
    changes += ["delete_category", "patch_category", "replace_category"]
    changes += ["change_lines", "correct_address", "replace_address", "replace_customer", "replace_product"]
    assert needed == {*((name, "Idempotency-Key") for name in keyed), *((change, "If-Match") for change in changes)}


def test_each_type_of_problem_is_answered_by_some_operation_or_where_there_is_none() -> None:
    nowhere = {"not-found", "method-not-allowed", "request-timeout"}
    for service, document in DOCUMENTS.items():
        answered = {
            kind
            for its_service, _, operation in operations()
            if its_service == service
            for _, content in messages(operation)
            for kind in content.get("examples", {})
        }
        unused = problem_types(document).keys() - answered - nowhere
        assert unused <= {"idempotency-key-missing", "erased"}, "those of orders and of people"


def test_every_problem_in_the_code_has_its_type() -> None:
    known = {kind: status for document in DOCUMENTS.values() for kind, status in problem_types(document).items()}
    files = [file for folder in ("chassis", *SERVICES) for file in (CHECKOUT / folder).rglob("*.py")]
    found = dict(each for file in files for each in raised(file))

    assert found.items() <= known.items()
    assert len(found) > 20


def raised(file: Path) -> Iterator[tuple[str, int]]:
    """The kind and the status of each `Problem(404, "not-found", …)` and `(404, "not-found", …)` in a file."""
    for node in ast.walk(ast.parse(file.read_text())):
        parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        match parts[:2]:
            case [ast.Constant(value=int(status)), ast.Constant(value=str(kind))] if status >= 400:
                yield kind, status

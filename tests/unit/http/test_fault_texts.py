"""What is wrong with a value is said in plain words of JSON, whatever the value and the member."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import core_schema

from chassis.http.errors.fault_texts import TEXTS, detail
from tests.support.request_models import Json, line_models, request_models, routes

BAD: list[Any] = [
    *(None, True, 1.5, -1, 10**400, 1e308),
    *("", " ", "x" * 3000, "\0", "\u202e", "\ud800", "NaN", "1e3", "-", "a..b@c", "0.123456789", "9" * 40, "XX"),
    *("2026", "2026-01-31T12:00:00", "0001-01-01T00:00:00Z"),
    *([], {}, [1], {"planet": 1}, [None] * 2000),
]

PLAIN = re.compile(r"[a-z]|(The|An?|There) ")
OF_PYTHON = re.compile(
    r"Input should|String should|Value error|Extra inputs|Field required|ctx|Traceback|object at|"
    r"\b(None|True|False|Decimal|dict|list|tuple|int|str|float|bool|datetime|instance|dictionary|class|attributes)\b"
)
MODELS = line_models() | request_models()


def texts(error: ValidationError) -> Iterator[tuple[str, str]]:
    for each in error.errors():
        yield detail({**each, "loc": ("body", *each["loc"])}), str(each["msg"])


@pytest.mark.parametrize("name", MODELS)
def test_no_member_speaks_of_python(name: str) -> None:
    model, example = MODELS[name]
    seen = set()
    for member in [*(field.alias or each for each, field in model.model_fields.items()), "planet"]:
        for bad in BAD:
            for said, usual in _said(model, {**example, member: bad}):
                assert not OF_PYTHON.search(said), (member, bad, said)
                assert PLAIN.match(said), (member, bad, said)
                assert said != usual
                seen.add(said)
    for said, _ in _said(model, {}):
        assert said == "is required" or said.startswith("must have one of ")
    assert "unknown member" in seen or model.model_config["extra"] != "forbid"


@pytest.mark.parametrize("bad", ["", "x", "-1", "2", "x" * 3000, "2026", "\0"])
def test_no_parameter_speaks_of_python(bad: str) -> None:
    for route in routes():
        for parameter in (
            *route.dependant.query_params,
            *route.dependant.path_params,
            *_of_dependencies(route.dependant),
        ):
            _, errors = parameter.validate(bad, {}, loc=("query", parameter.alias))
            for each in errors or []:
                assert not OF_PYTHON.search(detail(each)), (route.path, parameter.alias, detail(each))
                assert "_" not in each["loc"][1] or parameter.alias in route.path


def _of_dependencies(dependant: Any) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield from (*each.query_params, *_of_dependencies(each))


def _said(model: type[BaseModel], value: Json) -> list[tuple[str, str]]:
    """Each text, and what pydantic says itself; the text of a validator of ours begins with `Value error` there."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        return list(texts(error))
    return []


def test_every_text_belongs_to_a_type_of_error() -> None:
    assert TEXTS.keys() <= set(get_args(core_schema.ErrorType))


def test_what_a_type_of_error_needs_is_in_its_context() -> None:
    """Texts that no model reaches now, by the errors of other types."""
    others: list[tuple[Any, Any]] = [(float, "x"), (int, 1.5), (int, "9" * 5000), (set[int], 1), (tuple[int, ...], 1)]
    others += [(bool, "x"), (Decimal, "x"), (Decimal, "NaN"), (dict[str, int], 1)]
    for kind, bad in others:
        with pytest.raises(ValidationError) as refused:
            TypeAdapter(kind).validate_python(bad)
        for said, _ in texts(refused.value):
            assert not OF_PYTHON.search(said)
            assert said != "is not valid"

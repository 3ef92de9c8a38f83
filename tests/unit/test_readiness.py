"""Waiting for a stack to be ready: what is waited for is told, and for how long is a setting."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from local import readiness, stack, supervisor
from local.errors import StackError
from local.programs import PROGRAMS, Program

KAFKA, MYSQL = (next(each for each in PROGRAMS if each.name == name) for name in ("kafka", "mysql"))
FOR_HOURS = 10_000.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "ASK_EVERY_S", 0)
    monkeypatch.setattr(readiness, "TELL_EVERY_S", 0)


def answers(monkeypatch: pytest.MonkeyPatch, reasons: Mapping[str, str], told: list[str], until_told: int) -> None:
    """Programs are not ready for these reasons, until so many lines were told."""

    async def ask(program: Program, _: Mapping[str, str]) -> str:
        return "" if len(told) >= until_told else reasons[program.name]

    monkeypatch.setattr(readiness, "_ask", ask)


def test_what_is_waited_for_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    answers(monkeypatch, {"kafka": "no leader", "mysql": ""}, told, until_told=4)

    readiness.wait([KAFKA, MYSQL], {}, wait_s=FOR_HOURS, say=told.append)

    assert told[0].startswith("mysql ready after ")
    assert told[1].startswith("waiting since ")
    assert told[1].endswith(" s for kafka (no leader)")
    assert told[-1].startswith("kafka ready after ")


def test_who_gives_up_says_what_is_missing_and_which_setting_allows_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = {"statename": "RUNNING", "spawnerr": ""}
    monkeypatch.setattr(supervisor, "states", lambda _: {"kafka": state})
    answers(monkeypatch, {"kafka": "no leader"}, [], until_told=1)

    with pytest.raises(StackError, match=r"kafka is not ready: no leader[^\n]*\n.*OMS_START_TIMEOUT_S"):
        readiness.wait([KAFKA], {"OMS_DATA_DIR": "/nowhere"}, wait_s=0.01, say=lambda _: None)


@pytest.mark.parametrize("text", ["0", "-1", "soon"])
def test_no_time_is_refused_before_anything_is_started(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OMS_START_TIMEOUT_S", text)

    with pytest.raises(ValueError, match="OMS_START_TIMEOUT_S"):
        stack.up({})

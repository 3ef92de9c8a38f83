"""The wait for a stack reports its reasons, and its timeout is a setting."""

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
    monkeypatch.setattr(readiness, "CHECK_EVERY_S", 0)
    monkeypatch.setattr(readiness, "REPORT_EVERY_S", 0)


def answers(monkeypatch: pytest.MonkeyPatch, reasons: Mapping[str, str], lines: list[str], until_lines: int) -> None:
    """Programs are not ready for these reasons, until so many lines were reported."""

    async def check(program: Program, _: Mapping[str, str]) -> str:
        return "" if len(lines) >= until_lines else reasons[program.name]

    monkeypatch.setattr(readiness, "_check", check)


def test_the_wait_reports_each_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    answers(monkeypatch, {"kafka": "no leader", "mysql": ""}, lines, until_lines=4)

    readiness.wait([KAFKA, MYSQL], {}, wait_s=FOR_HOURS, say=lines.append)

    assert lines[0].startswith("mysql ready after ")
    assert lines[1].startswith("waiting for ")
    assert lines[1].endswith(" s: kafka (no leader)")
    assert lines[-1].startswith("kafka ready after ")


def test_a_timeout_names_what_is_missing_and_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = {"statename": "RUNNING", "spawnerr": ""}
    monkeypatch.setattr(supervisor, "states", lambda _: {"kafka": state})
    answers(monkeypatch, {"kafka": "no leader"}, [], until_lines=1)

    with pytest.raises(StackError, match=r"kafka is not ready: no leader[^\n]*\n.*OMS_START_TIMEOUT_S"):
        readiness.wait([KAFKA], {"OMS_DATA_DIR": "/nowhere"}, wait_s=0.01, say=lambda _: None)


@pytest.mark.parametrize("text", ["0", "-1", "soon"])
def test_an_invalid_timeout_is_refused_before_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OMS_START_TIMEOUT_S", text)

    with pytest.raises(ValueError, match="OMS_START_TIMEOUT_S"):
        stack.up({})

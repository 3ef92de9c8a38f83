"""Commands as the README writes them: a group alone shows what there is, and a negative number is no option."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from typer.testing import CliRunner

from oms.main import app
from oms.repair import dead_letters
from oms.stock import adjust


def test_dead_letters_alone_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async def none_are_open(*_: object) -> list[Any]:
        return []

    monkeypatch.setattr(dead_letters, "open_letters", none_are_open)

    results = [CliRunner().invoke(app, ["dead-letters", *more]) for more in ([], ["list"])]

    assert [(each.exit_code, each.output) for each in results] == [(0, "no dead letters are open\n")] * 2


@pytest.mark.parametrize(
    ("arguments", "delta", "reason"),
    [
        (["-5"], -5, "adjusted"),
        (["5"], 5, "adjusted"),
        (["-12", "--reason", "damaged"], -12, "damaged"),
        (["--reason", "sold", "--", "-1"], -1, "sold"),
    ],
)
def test_units_are_added_and_removed(
    arguments: list[str], delta: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []

    class Services:
        async def post(self, service: str, path: str, body: dict[str, Any], key: str) -> Any:
            sent.append(body)
            return self

        def json(self) -> Any:
            return {"stock": {"onHand": 1, "free": 1}}

    def run(work: Any) -> Any:
        return asyncio.run(work(Services()))

    monkeypatch.setattr(adjust, "run", run)

    result = CliRunner().invoke(app, ["stock", "adjust", "seattle", "A", *arguments])

    assert result.exit_code == 0, result.output
    assert sent == [{"sku": "A", "delta": delta, "reason": reason}]


@pytest.mark.parametrize("wrong", [["--nothing", "5"], ["-x"], ["5", "--reasn", "sold"], ["1.5"]])
def test_what_is_neither_a_number_nor_an_option_is_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(app, ["stock", "adjust", "seattle", "A", *wrong]).exit_code == 2

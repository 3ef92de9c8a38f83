"""`oms stock show`: the units of a SKU in each store."""

from __future__ import annotations

from typing import Any

import pytest

from oms.stock import show
from oms.terminal import console

UNITS: dict[str, Any] = {
    "onHand": 12345, "unsellable": 1, "committed": 2, "reserved": 3, "available": 4, "safetyMargin": 0,
    "availableToPromise": 0, "incoming": 55, "freshUntil": None, "stale": True,
}  # fmt: skip


@pytest.mark.parametrize("has_backorders", [True, False])
def test_what_is_incoming_and_whether_orders_wait_is_shown(
    has_backorders: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = [
        UNITS | {"storeId": "lima", "hasBackorders": False},
        UNITS | {"storeId": "seattle", "incoming": 0, "hasBackorders": has_backorders},
    ]
    monkeypatch.setattr(show, "run", lambda _: stores)

    with console.capture() as captured:
        show.show_stock("A")

    lines = captured.get().splitlines()
    [names] = [line.split() for line in lines if "coming" in line]
    [lima] = [line.split() for line in lines if line.startswith("lima")]
    assert lima[-2:] == ["55", "–"]
    assert names[-2:] == ["coming", "age"]
    assert max(map(len, lines)) <= 80
    assert ("orders wait for A: units that arrive are theirs" in lines) is has_backorders


def test_nothing_is_cut_for_a_long_id_and_many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    units = {name: 1_234_567 if isinstance(UNITS[name], int) else UNITS[name] for name in UNITS}
    store = units | {"storeId": "a-warehouse-in-montevideo", "stale": True, "hasBackorders": False}
    monkeypatch.setattr(show, "run", lambda _: [store | {"freshUntil": "2026-01-01T00:00:00Z"}])

    with console.capture() as captured:
        show.show_stock("A")

    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in captured.get()
    text = " ".join(captured.get().split())
    assert text.count("1234567") == len(show.COLUMNS) + 2

from __future__ import annotations

import pytest

from chassis.settings import choice, seconds, switch


def test_a_time_has_a_default_and_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds("OMS_X_TIMEOUT_S", 3) == 3

    monkeypatch.setenv("OMS_X_TIMEOUT_S", "0.25")

    assert seconds("OMS_X_TIMEOUT_S", 3) == 0.25


@pytest.mark.parametrize("text", ["", "soon", "0", "-1", "inf", "nan"])
def test_what_is_no_time_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OMS_X_TIMEOUT_S", text)

    with pytest.raises(ValueError, match="OMS_X_TIMEOUT_S"):
        seconds("OMS_X_TIMEOUT_S", 3)


def test_one_of_several_words_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice("OMS_X", "off", "simulated") == "off"
    assert switch("OMS_X", True) is True

    monkeypatch.setenv("OMS_X", " Simulated ")

    assert choice("OMS_X", "off", "simulated") == "simulated"
    with pytest.raises(ValueError, match="OMS_X is 'simulated': expected on or off"):
        switch("OMS_X", True)

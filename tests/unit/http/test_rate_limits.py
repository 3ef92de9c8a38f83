from __future__ import annotations

import pytest

from chassis.http.rate_limits import parse_limit


@pytest.mark.parametrize(
    ("text", "amount", "window_s"),
    [("60000/minute", 60_000, 60), ("5 per second", 5, 1), ("100/2 hours", 100, 7200), (" 1/day ", 1, 86_400)],
)
def test_a_limit_is_a_number_of_requests_in_a_time(text: str, amount: int, window_s: int) -> None:
    limit = parse_limit(text)

    assert limit is not None
    assert (limit.amount, limit.get_expiry()) == (amount, window_s)


@pytest.mark.parametrize("text", ["off", "OFF", "", " "])
def test_limits_are_switched_off_by_word(text: str) -> None:
    assert parse_limit(text) is None


@pytest.mark.parametrize("text", ["sixty", "60", "60/fortnight", "100/minute;1000/hour", "-1/minute"])
def test_what_is_not_one_limit_is_an_error_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="OMS_RATE_LIMIT"):
        parse_limit(text)

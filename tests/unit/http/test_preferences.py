"""The Prefer header (RFC 7240)."""

from __future__ import annotations

import pytest

from chassis.rest.preferences import MOST_WAIT_S, wait_s


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        (["wait=2"], 2),
        (['Wait = "3"'], 3),
        (["respond-async, wait=4"], 4),
        (["respond-async", "wait=5"], 5),
        (["wait=6; of=stock, wait=1"], 6),
        (["wait=999999999"], MOST_WAIT_S),
        (["wait=0"], 0),
        ([""], 0),
        (["wait"], 0),
        (["wait=-1"], 0),
        (["wait=1.5"], 0),
        (["wait=٣"], 0),
        (["await=2"], 0),
        (["wait=9999999999"], 0),
        (['wait="2'], 0),
    ],
)
def test_the_preferred_wait(lines: list[str], seconds: int) -> None:
    assert wait_s(lines) == seconds

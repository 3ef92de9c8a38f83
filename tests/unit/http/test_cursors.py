"""Signed cursors go with the question they were given for, and nobody else makes one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.rest import cursors

KEY = ["Müller", "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"]
QUESTION = "/customers?active=true&sort=lastName"
SIGNED = cursors.sign("secret", QUESTION, KEY)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(0, 2**53) | st.floats(0, 1e30)))
def test_a_signed_key_is_read_again(key: list[Any]) -> None:
    assert cursors.read_signed("secret", QUESTION, cursors.sign("secret", QUESTION, key)) == key


@pytest.mark.parametrize(
    "question", ["/customers?active=true&sort=-lastName", "/customers?active=true", "/products?active=true", ""]
)
def test_it_does_not_answer_another_question(question: str) -> None:
    with pytest.raises(cursors.InvalidCursor):
        cursors.read_signed("secret", question, SIGNED)


def test_it_is_of_one_secret() -> None:
    with pytest.raises(cursors.InvalidCursor):
        cursors.read_signed("another", QUESTION, SIGNED)


@pytest.mark.parametrize("place", range(len(SIGNED)))
def test_no_letter_of_it_can_be_changed(place: int) -> None:
    other = "A" if SIGNED[place] != "A" else "B"

    with pytest.raises(cursors.InvalidCursor):
        cursors.read_signed("secret", QUESTION, SIGNED[:place] + other + SIGNED[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "x", "A", "===", "é", "\0", SIGNED + "=", SIGNED + "!", SIGNED + "A", "!" + SIGNED, cursors.encode(KEY)],
)
def test_what_nobody_signed_is_refused(text: str) -> None:
    with pytest.raises(cursors.InvalidCursor):
        cursors.read_signed("secret", QUESTION, text)

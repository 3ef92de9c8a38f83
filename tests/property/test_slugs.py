from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.slugs import MAX_SLUG, SLUG_PATTERN, slug_of


@given(st.text(max_size=200))
def test_every_name_has_a_slug(name: str) -> None:
    slug = slug_of(name)

    assert re.fullmatch(SLUG_PATTERN, slug)
    assert len(slug) <= MAX_SLUG


@given(st.from_regex(SLUG_PATTERN, fullmatch=True).filter(lambda slug: len(slug) <= MAX_SLUG))
def test_a_slug_is_its_own(slug: str) -> None:
    assert slug_of(slug) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Grains/Cereals", "grains-cereals"),
        ("  Crème brûlée & Café ", "creme-brulee-cafe"),
        ("Smørrebrød", "smorrebrod"),
        ("Süßigkeiten", "sussigkeiten"),
    ],
)
def test_case_accents_and_punctuation_are_ignored(name: str, slug: str) -> None:
    assert slug_of(name) == slug_of(name.upper()) == slug


@pytest.mark.parametrize(("one", "other"), [("Чай 5", "Кофе 5"), ("茶", "酒"), ("a" * 65, "a" * 66)])
def test_names_that_lose_letters_differ_still(one: str, other: str) -> None:
    assert slug_of(one) != slug_of(other)

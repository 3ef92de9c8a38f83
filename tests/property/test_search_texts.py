"""Whatever is searched for, there is a request for it, and its parts are those that documents have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.pagination import encode
from search.text.codes import codes_of_sku, joined, sizes
from search.text.diagnosis import _diagnosis
from search.text.query import text_query
from search.text.reading import MAX_TERMS, Level, Reading, begun, terms
from search.text.synonyms import Synonyms

SYNONYMS = Synonyms(["gummy bear => gummibärchen", "tea => tea, chai", "5 g, fast", "the one, best"])

WORDS = st.sampled_from(
    ["gummy", "bears", "tea*", "the", "500 g", "0,5 l", "wh-1000xm4", "½", "ß", "5 g", "*", "12/b", "d'", "a"]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join))


@given(TEXTS)
def test_every_text_has_its_requests(text: str) -> None:
    found = terms(text, SYNONYMS)

    assert len(found) <= MAX_TERMS
    encode(_diagnosis(found, SYNONYMS, []))
    for level in Level:
        encode(text_query(Reading(text, level), SYNONYMS, []))
        encode(text_query(Reading(begun(text), level), SYNONYMS, []))


@given(TEXTS)
def test_no_letter_of_a_reading_is_lost_when_it_is_read_again(text: str) -> None:
    written = " ".join(each.written for each in terms(text, SYNONYMS))

    assert joined(" ".join(each.written for each in terms(written, SYNONYMS)[:MAX_TERMS])) == joined(written)


@given(st.text(max_size=64))
def test_every_sku_is_found_by_itself(sku: str) -> None:
    assert not joined(sku) or joined(sku) in codes_of_sku(sku)


@given(st.decimals(min_value="0.001", max_value="99999", places=3), st.sampled_from(["g", "kg", "l", "ml", "oz", '"']))
def test_a_size_is_found_by_itself_with_or_without_a_blank(number: object, unit: str) -> None:
    assert sizes([f"{number} {unit}"]) == sizes([f"a {number}{unit} b"]) != []

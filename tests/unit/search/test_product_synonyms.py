"""Synonyms as a merchant writes them, and what they make of a search."""

from __future__ import annotations

import pytest

from search.text.reading import MAX_SYNONYMS, MAX_TERMS, terms
from search.text.synonyms import BadSynonyms, Slot, Synonyms
from search.text.words import words


def slots(synonyms: Synonyms, text: str) -> list[Slot]:
    return list(synonyms.slots(words(text)))


def test_equal_terms_are_looked_for_alike_in_any_number() -> None:
    synonyms = Synonyms(["soda, soft drink  # a comment", "", "# nothing"])

    assert synonyms.rules == 1
    assert slots(synonyms, "Sodas") == [Slot(("sodas",), ("soft drink",))]
    assert slots(synonyms, "two soft drinks") == [Slot(("two",)), Slot(("soft", "drinks"), ("soda",))]


def test_an_arrow_goes_one_way_and_replaces_what_it_does_not_repeat() -> None:
    synonyms = Synonyms(["tea => tea, chai", "shoyu => soy sauce"])

    assert slots(synonyms, "tea chai") == [Slot(("tea",), ("chai",)), Slot(("chai",))]
    assert slots(synonyms, "shoyu") == [Slot(("shoyu",), ("soy sauce",), is_replaced=True)]


def test_the_longest_rule_goes_first() -> None:
    synonyms = Synonyms(["chocolate => chocolate, suklaa", "white chocolate => white chocolate, valkoinen suklaa"])

    assert slots(synonyms, "white chocolate") == [Slot(("white", "chocolate"), ("valkoinen suklaa",))]


def test_accents_do_not_matter() -> None:
    assert slots(Synonyms(["Käse, cheese"]), "kase") == [Slot(("kase",), ("cheese",))]


def test_a_beginning_has_the_synonyms_of_all_terms_that_begin_so() -> None:
    synonyms = Synonyms(["cheese => queso, brie", "cheesecake => tart", "chalk => crayon"])

    assert synonyms.begun("chee") == ["queso", "brie", "tart"]
    assert synonyms.begun("x") == []


def test_words_of_longer_terms_are_known_in_any_number() -> None:
    synonyms = Synonyms(["gummy bear => gummibärchen"])

    assert [synonyms.has_word(each) for each in ("bears", "gummy", "gummibarchen")] == [True, True, False]
    assert set(synonyms.vocabulary) == {"gummy", "bear"}


@pytest.mark.parametrize(
    "rule", ["alone", "a, A", "=> b", "a =>", "a => b => c", "a,,b", "one two three four five six seven, x"]
)
def test_a_rule_that_says_nothing_is_named_by_its_line(rule: str) -> None:
    with pytest.raises(BadSynonyms) as refused:
        Synonyms(["good, fine", rule])

    assert [line for line, _ in refused.value.faults] == [2]


def test_a_long_text_has_few_synonyms_of_each_term() -> None:
    synonyms = Synonyms([", ".join(f"{name}{at}" for at in range(50)) for name in "abcdefghijklmnopqrst"])

    [alone] = terms("a0", synonyms)
    together = terms(" ".join(f"{name}0*" for name in "abcdefghijklmnopqrst"), synonyms)

    assert len(alone.others) == 49
    assert {len(each.others) for each in together} == {MAX_SYNONYMS // MAX_TERMS}

"""Preconditions as RFC 9110 has them."""

from __future__ import annotations

import pytest

from chassis.http.errors.problems import Problem
from chassis.rest.etags import (
    check_if_match,
    check_if_match_when_sent,
    consistency_token,
    etag_matches,
    is_unchanged,
)
from gateway.consistency.tokens import Token, read_tokens


@pytest.mark.parametrize("if_match", ['"3"', " * ", '"1", "3"', '"1","3"', '"1" ,\t"3"', 'W/"1", "3"', '"a,b", "3"'])
def test_a_change_of_the_version_that_was_read_is_let_in(if_match: str) -> None:
    check_if_match(if_match, 3)
    check_if_match_when_sent(if_match, 3)


@pytest.mark.parametrize("if_match", ['"2"', 'W/"3"', "3", "", '"*"', '"2", *', '"33"', '"3', "W/3", '"2", W/"3"'])
def test_a_change_of_any_other_version_is_not(if_match: str) -> None:
    for check in (check_if_match, check_if_match_when_sent):
        with pytest.raises(Problem) as refused:
            check(if_match, 3)

        assert refused.value.status == 412


def test_a_change_must_say_of_which_version_it_is() -> None:
    with pytest.raises(Problem) as refused:
        check_if_match(None, 3)

    assert refused.value.status == 428
    check_if_match_when_sent(None, 3)


@pytest.mark.parametrize("if_none_match", ['"3"', 'W/"3"', "*", '"1", W/"3"', '"1","2", "3"'])
def test_who_has_this_version_is_told_so(if_none_match: str) -> None:
    assert is_unchanged(if_none_match, 3)


@pytest.mark.parametrize("if_none_match", [None, "", '"2"', "3", 'w/"3"x', '"*"', 'W/"33"'])
def test_who_has_another_gets_the_newest(if_none_match: str | None) -> None:
    assert not is_unchanged(if_none_match, 3)


def test_weak_and_strong_tags_compare_equal_for_a_reader() -> None:
    assert etag_matches('"abc"', 'W/"abc"')
    assert etag_matches('W/"abc"', 'W/"abc"')
    assert not etag_matches('W/"abd"', 'W/"abc"')


@pytest.mark.parametrize("sku", ["NW-0001", "A/B", "A B+C", "Größe:XL", "a,b", "100%", "🥟" * 64])
def test_a_token_of_any_sku_fits_a_header_and_is_read_again(sku: str) -> None:
    token = consistency_token("product", sku, 3)

    assert token.isascii()
    assert read_tokens(f"{token}, {token}") == [Token("product", sku, 3)] * 2
    assert str(Token("product", sku, 3)) == token

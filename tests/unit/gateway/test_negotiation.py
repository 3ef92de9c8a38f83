"""Which kind of answer a client gets, and which kind of body is read: RFC 9110, 12.5.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.content.accept import accepts_coding
from gateway.requests.negotiation import GRAPHQL, HTML, JSON, STREAM, accepted, is_json

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
APOLLO = "application/graphql-response+json,application/json;q=0.9"
APOLLO_SUBSCRIPTION = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"


@pytest.mark.parametrize(
    ("accept", "single", "stream"),
    [
        ("", JSON, False),
        (" ", JSON, False),
        ("*/*", JSON, True),
        ("application/*", JSON, False),
        ("application/json", JSON, False),
        ("Application/JSON; charset=UTF-8", JSON, False),
        (GRAPHQL, GRAPHQL, False),
        (APOLLO, GRAPHQL, False),
        (APOLLO_SUBSCRIPTION, JSON, False),
        (URQL, GRAPHQL, True),
        ("text/event-stream, multipart/mixed", STREAM, True),
        (f"{GRAPHQL};q=0.1, {JSON}", JSON, False),
        ("application/json;q=0, */*", GRAPHQL, True),
        (f"*/*;q=0.1, {GRAPHQL}", GRAPHQL, True),
        ("application/json; charset=iso-8859-1", None, False),
        ("application/json;q=often", None, False),
        ("application/json;q=1.5", None, False),
        ("application/json;q=0.5000", None, False),
        ("application/json;q=nan", None, False),
        ("application/json;q=1e-1", None, False),
        ("application/json; Q=0.5 ;ext=1, text/event-stream;q=0.4", JSON, True),
        ('application/json;profile="a,b;q=0";q=0.5', JSON, False),
        ('application/json;profile="unterminated, text/event-stream', JSON, False),
        (";", None, False),
        (";q=1, ;", None, False),
        ("; application/json", None, False),
        (",,,", None, False),
        ("application/json;", JSON, False),
        ("application/json ; ;q=0.5", JSON, False),
        ("text/plain", None, False),
        ("text/html", None, False),
        ("*/*;q=0", None, False),
        ("\xff, , ;q", None, False),
        (BROWSER, JSON, True),
        ("text/event-stream", STREAM, True),
        ("text/*", STREAM, True),
        ("TEXT/EVENT-STREAM;q=0.1", STREAM, True),
        ("text/event-stream;q=0", None, False),
        ("text/event-stream;q=0, */*", JSON, False),
        ("text/event-stream;q=0.000, text/*", None, False),
        ("text/event-stream, */*", JSON, True),
        ("text/event-stream, application/json;q=0.9", STREAM, True),
        ("text/event-stream;q=0.9, application/json", JSON, True),
        ("text/event-stream, application/json", JSON, True),
        ("application/x-text/event-stream", None, False),
        ("text/event-streams, application/json", JSON, False),
        ("text/event-stream-x", None, False),
    ],
)
def test_a_client_gets_the_kind_it_prefers(accept: str, single: str | None, stream: bool) -> None:
    assert accepted(accept, has_page=False) == (single, stream)


def test_a_browser_gets_the_page_and_a_program_does_not() -> None:
    assert accepted(BROWSER, has_page=True).single == HTML
    assert accepted("*/*", has_page=True).single == JSON
    assert accepted("application/json, text/html;q=0.5", has_page=True).single == JSON


@pytest.mark.parametrize("part", [",", ";", '"', "\\", '"\\', "a/b;q=0,", '";"', "=", '\\"'])
def test_a_long_header_is_read_as_well(part: str) -> None:
    assert accepted("application/json, " + part * 20_000, has_page=False).single == JSON


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        (b"application/json", True),
        (b"application/json; charset=utf-8", True),
        (b'application/json;charset="UTF-8"', True),
        (b"application/json; charset=utf-16", False),
        (b'application/json; profile="a;charset=latin-1, b"', True),
        (b"application/json; charset=utf-8; charset=latin-1", False),
        (b"application/json, text/plain", False),
        (b"text/plain, application/json", False),
        (b"application/json-seq", False),
        (b"application/graphql", False),
        (b"application/x-www-form-urlencoded", False),
        (b"multipart/form-data; boundary=x", False),
        (b"text/plain", False),
        (b"", False),
    ],
)
def test_json_in_utf_8_is_read(content_type: bytes, is_read: bool) -> None:
    assert is_json(content_type) is is_read


@given(st.text(',;="\\*/q01. aAtext-json', max_size=60), st.booleans())
def test_any_header_is_read(accept: str, has_page: bool) -> None:
    assert accepted(accept, has_page).single in (None, JSON, GRAPHQL, HTML, STREAM)
    assert accepts_coding("gzip", accept) in (True, False)

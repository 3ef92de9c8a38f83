"""Which kind of answer a client gets, and which kind of body is read."""

from __future__ import annotations

import pytest

from gateway.requests.negotiation import GRAPHQL, HTML, JSON, is_json, media_type

BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (b"", JSON),
        (b"*/*", JSON),
        (b"application/*", JSON),
        (b"application/json", JSON),
        (b"Application/JSON; charset=UTF-8", JSON),
        (b"application/graphql-response+json", GRAPHQL),
        (b"application/graphql-response+json, application/json;q=0.9", GRAPHQL),
        (b"application/graphql-response+json;q=0.1, application/json", JSON),
        (b"application/json;q=0, */*", GRAPHQL),
        (b"*/*;q=0.1, application/graphql-response+json", GRAPHQL),
        (b"application/json; charset=iso-8859-1", None),
        (b"application/json;q=often", None),
        (b"text/plain", None),
        (b"text/html", None),
        (b"*/*;q=0", None),
        (b"\xff, , ;q", None),
        (BROWSER, JSON),
    ],
)
def test_a_client_gets_the_kind_it_likes_best(accept: bytes, kind: str | None) -> None:
    assert media_type(accept, has_page=False) == kind


def test_a_browser_gets_the_page_and_a_program_does_not() -> None:
    assert media_type(BROWSER, has_page=True) == HTML
    assert media_type(b"*/*", has_page=True) == JSON
    assert media_type(b"application/json, text/html;q=0.5", has_page=True) == JSON


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        (b"application/json", True),
        (b"application/json; charset=utf-8", True),
        (b'application/json;charset="UTF-8"', True),
        (b"application/json; charset=utf-16", False),
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

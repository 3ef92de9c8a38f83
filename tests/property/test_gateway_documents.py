"""Whatever is sent as a document is taken or refused with a reason; none makes the gateway itself fail."""

from __future__ import annotations

import re

from graphql import get_introspection_query
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import INTERNAL
from gateway.graphiql import examples
from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

TEXTS = [text.partition("\n")[2] for text in examples()]  # without the comment, which one line would be all of
TOKENS = [re.findall(r'"[^"\n]*"|\.\.\.|\w+|[^\s\w]', text) for text in [*TEXTS, get_introspection_query()]]
ODD = [
    *"{}()[]!$@&|:=",
    "...",
    '"',
    '"""',
    "null",
    "-1",
    "1e99",
    "9" * 5000,
    "on",
    "fragment",
    "\\u0000",
    "#",
    "é",
    "…f",
]

NAMES = sorted({word for words in TOKENS for word in words if word.isidentifier()})
VALUES = ["__typename", "9" * 5000, "-1", "0", "1e99", "true", "null", '""', "$id", "[]", "{}", "PLACED"]

places = st.integers(0, 200)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A query of a storefront's with some names taken for others, and perhaps words left out, doubled or replaced."""
    words = list(draw(st.sampled_from(TOKENS)))
    named = [at for at, word in enumerate(words) if word.isalnum()]
    for _ in range(draw(st.integers(1, 2))):
        words[named[draw(places) % len(named)]] = draw(st.sampled_from(NAMES) | st.sampled_from(VALUES))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1]))):
        at = draw(places) % len(words)
        words[at : at + 1] = draw(st.sampled_from([[], [words[at]] * 2, [draw(st.sampled_from(ODD))]]))
    return " ".join(words)


@settings(max_examples=1500, deadline=None)
@given(documents(), st.dictionaries(st.sampled_from(["id", "after", "status", "from"]), st.none() | st.integers()))
def test_every_document_is_taken_or_refused_with_a_reason(text: str, variables: dict[str, object]) -> None:
    operation = Operations(schema._schema, Limits()).find(text, None)

    codes = [(error.extensions or {})["code"] for error in operation.errors]
    assert INTERNAL not in codes
    assert operation.cost(variables) >= 0
    assert bool(codes) or operation.definition is not None

"""Whatever is sent as a document is taken or refused with a reason; none makes the gateway itself fail."""

from __future__ import annotations

import re

from graphql import get_introspection_query
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import INTERNAL
from gateway.graphiql import examples
from gateway.limits import Limits
from gateway.operations import Operations
from gateway.schema import schema

TOKENS = [re.findall(r'"[^"\n]*"|\.\.\.|\w+|[^\s\w]', text) for text in [*examples(), get_introspection_query()]]
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

places = st.integers(0, 200)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A query of a storefront's in which some words were left out, said twice, moved or replaced."""
    words = list(draw(st.sampled_from(TOKENS)))
    for _ in range(draw(st.integers(1, 6))):
        at, other = draw(places) % len(words), draw(places) % len(words)
        words[at : at + 1] = draw(
            st.sampled_from(
                [[], [words[at]] * 2, [words[other]], [words[at], words[other]], [draw(st.sampled_from(ODD))]]
            )
        ) or ([] if len(words) > 1 else words)
    return " ".join(words)


@settings(max_examples=400, deadline=None)
@given(documents(), st.dictionaries(st.sampled_from(["id", "after", "status", "from"]), st.none() | st.integers()))
def test_every_document_is_taken_or_refused_with_a_reason(text: str, variables: dict[str, object]) -> None:
    operation = Operations(schema._schema, Limits()).find(text, None)

    codes = [(error.extensions or {})["code"] for error in operation.errors]
    assert INTERNAL not in codes
    assert operation.cost(variables) >= 0
    assert bool(codes) or operation.definition is not None

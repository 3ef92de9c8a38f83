"""A storefront's thirteen queries: in the gateway's README and on its page as they are in the folder, and valid."""

from __future__ import annotations

from pathlib import Path

import pytest

import gateway
from gateway.graphiql import examples, page
from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

README = (Path(gateway.__file__).parent / "README.md").read_text()
EXAMPLES = examples()


def test_there_are_thirteen() -> None:
    assert len(EXAMPLES) == 13


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_is_valid_and_asks_for_a_tenth_of_what_it_may_at_most(example: str) -> None:
    operation = Operations(schema._schema, Limits()).find(example, None)

    assert operation.errors == ()
    assert operation.cost({}) <= Limits().cost / 10


def test_the_readme_shows_them() -> None:
    assert "\n".join(f"```graphql\n{example}```\n" for example in EXAMPLES) in README


def test_the_page_opens_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "graphiql").mkdir()
    monkeypatch.setenv("OMS_WEB_DIR", str(tmp_path))

    names = [example.partition("query ")[2].partition(" ")[0].partition("(")[0] for example in EXAMPLES]
    assert [name for name in names if f"query {name}" not in page().decode()] == []
    assert b"/* the examples */" not in page()

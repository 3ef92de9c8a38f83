"""What a read says about how current its answer must be."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.consistency.read_preferences import NO_PREFERENCES, ReadPreferences, read_preferences
from gateway.consistency.tokens import MAX_TOKENS, Token
from gateway.errors import BadInput
from gateway.operations.operations import Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

ROOT = Path(__file__).parents[3]

ID = "0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f"
ORDER = Token("order", ID, 3)
CHAI = Token("product", "NW-0001", 2)

Headers = list[tuple[bytes, bytes]]


def wished(query: str, *, name: str | None = None, headers: Headers | None = None, **variables: Any) -> ReadPreferences:
    operation = Operations(schema._schema, Limits()).find(query, name)
    assert operation.errors == ()
    return read_preferences(operation.directives, variables, headers or [])


def test_a_read_that_says_nothing_wishes_for_nothing() -> None:
    assert wished("{ __typename }", headers=[(b"accept", b"*/*")]) is NO_PREFERENCES


def test_tokens_come_in_headers_repeated_or_separated_by_commas() -> None:
    address = Token("address", ID, 1)
    headers = [
        (b"consistency-token", f"{ORDER}, {CHAI}".encode()),
        (b"consistency-token", str(address).encode()),
        (b"consistency-timeout-ms", b"250"),
    ]

    assert wished("{ __typename }", headers=headers) == ReadPreferences((ORDER, CHAI, address), 250)


def test_tokens_come_in_directives_on_the_operation_and_on_fields() -> None:
    query = f"""
    query @after(token: "{ORDER}", timeoutMs: 20) @after(token: "{CHAI}", timeoutMs: 30) @fresh(maxStalenessMs: 900) {{
        __typename @after(token: "customer:{ID}:1") @fresh(maxStalenessMs: 800)
    }}
    """

    assert wished(query) == ReadPreferences((ORDER, CHAI, Token("customer", ID, 1)), 30, 800)


def test_directives_in_a_fragment_count() -> None:
    query = f'{{ ...all }} fragment all on Query {{ __typename @after(token: "{CHAI}") }}'

    assert wished(query).tokens == (CHAI,)


def test_those_of_another_operation_do_not() -> None:
    query = f"""
    query Mine {{ __typename }}
    query Other @after(token: "{CHAI}") {{ ...all }}
    fragment all on Query {{ __typename @fresh(maxStalenessMs: 1) }}
    """

    assert wished(query, name="Mine") is NO_PREFERENCES
    assert wished(query, name="Other") == ReadPreferences((CHAI,), 1000, 1)


def test_their_arguments_may_be_variables() -> None:
    query = f"""
    query ($token: String! = "{CHAI}", $timeout: Int! = 70, $age: Int!)
    @after(token: $token, timeoutMs: $timeout) @fresh(maxStalenessMs: $age) {{ __typename }}
    """

    assert wished(query, age=5) == ReadPreferences((CHAI,), 70, 5)
    assert wished(query, age=5, token=str(ORDER), timeout=80) == ReadPreferences((ORDER,), 80, 5)


def test_a_directive_that_says_no_time_leaves_it_to_the_header() -> None:
    headers = [(b"consistency-timeout-ms", b"250")]

    assert wished(f'query @after(token: "{CHAI}") {{ __typename }}', headers=headers).timeout_ms == 250


@pytest.mark.parametrize(
    "token",
    [
        "",
        ",",
        "x",
        "order:1",
        "order:x:1",
        "shelf:1:1",
        f"order:{ID}:x",
        f"order:{ID}:-1",
        f"order:{ID}:{'9' * 19}",
        "product:a%00:1",  # Postgres rejects U+0000, for all reads that wait
        "category:%0A:1",
        "product:%20:1",
        f"product:{'a' * 201}:1",
    ],
)
def test_what_no_write_answers_with_is_bad_input(token: str) -> None:
    with pytest.raises(BadInput):
        wished("{ __typename }", headers=[(b"consistency-token", token.encode())])
    with pytest.raises(BadInput):
        wished(f'query @after(token: "{token}") {{ __typename }}')


WRITES = re.compile(r'(?:write_response|created_response|deleted_response|consistency_token)\(\s*"(\w+)"')


def test_a_read_can_wait_for_whatever_a_write_answers_with() -> None:
    services = ("customers", "inventory", "orders", "products", "stores")
    sources = [path.read_text() for service in services for path in (ROOT / service).rglob("*.py")]
    kinds = {kind for source in sources for kind in WRITES.findall(source)}

    assert {"order", "reservation", "policy"} < kinds
    for kind in kinds:
        assert wished("{ __typename }", headers=[(b"consistency-token", f"{kind}:{ID}:1".encode())]).tokens


def test_a_policy_is_of_several_skus_and_waits_for_all_that_central_knew() -> None:
    before = time.time() * 1000

    [token] = wished("{ __typename }", headers=[(b"consistency-token", b"policy:%2A%2Fa%2Fb:1")]).tokens

    assert (token.kind, token.identity) == ("inventory", "*/a/b")
    assert token.version >= int(before)


@pytest.mark.parametrize("name", [b"consistency-timeout-ms", b"max-staleness-ms"])
@pytest.mark.parametrize("value", [b"", b"-1", b"1.5", b"soon", b"9999999999"])
def test_a_time_that_is_none_is_bad_input(name: bytes, value: bytes) -> None:
    with pytest.raises(BadInput):
        wished("{ __typename }", headers=[(name, value)])


def test_too_many_tokens_are_bad_input_wherever_they_stand() -> None:
    headers = [(b"consistency-token", str(CHAI).encode())] * MAX_TOKENS

    assert len(wished("{ __typename }", headers=headers).tokens) == MAX_TOKENS
    with pytest.raises(BadInput):
        wished(f'query @after(token: "{ORDER}") {{ __typename }}', headers=headers)

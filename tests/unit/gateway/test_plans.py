"""Which statements operations compile to: how many, how long, and how many of them are kept."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.compiled.roots import MAX_SQL
from gateway.compiled.shapes import MAX_SHAPES
from gateway.compiled.statements import Member, Query, Statement
from gateway.operations.cache import CACHE_BYTES, Cache
from gateway.operations.operations import Operation, Operations
from gateway.operations.validation import Limits
from gateway.schema import schema

MONEY = "{ amount currency }"
LINES = f"lines {{ lineNumber sku quantity unitPrice {MONEY} amount {MONEY} product {{ sku name price {MONEY} }} }}"
ORDER = f"id status number total {MONEY} placedAt customer {{ name email }} {LINES}"


def aliases(selections: list[str]) -> str:
    """A query for an order with each of these selections."""
    return "{ " + " ".join(f'a{n}: order(id: "{n}") {{ {each} }}' for n, each in enumerate(selections)) + " }"


def nested(levels: int) -> str:
    """A selection of an order, its customer, the customer's newest order, and so on."""
    inside = f"customer {{ name orders(first: 1) {{ nodes {{ {nested(levels - 1)} }} }} }}" if levels else ""
    return f"{ORDER} {inside}".replace(" customer { name email }", "" if levels else " customer { name email }")


def found(operations: Operations, query: str) -> Operation:
    operation = operations.find(query, None)
    assert operation.errors == ()
    return operation


def query_of(query: str, variables: dict[str, Any] | None = None) -> Query | None:
    plans = found(Operations(schema._schema, Limits(tokens=5000)), query).plans
    assert plans is not None
    return plans.query(variables or {})


def test_aliases_with_equal_selections_are_one_statement() -> None:
    query = query_of(aliases([ORDER] * 29))

    assert query is not None
    [statement] = query.statements
    assert len(statement.runs) == 29
    assert [member.key for member in query.members] == [f"a{n}".encode() for n in range(29)]


def test_aliases_that_fit_into_one_statement_are_read_at_once() -> None:
    query = query_of(aliases(["id status"] * 29))

    assert query is not None
    [statement] = query.statements
    assert (len(statement.runs), query.members) == (1, ())


def test_aliases_with_few_selections_are_as_many_statements() -> None:
    query = query_of(aliases([ORDER, LINES] * 14))

    assert query is not None
    assert [len(each.runs) for each in query.statements] == [14, 14]


@pytest.mark.parametrize(
    "query",
    [
        aliases([f"{ORDER} k{n}: id" for n in range(15)]),
        aliases([f"{nested(2)} k{n}: id" for n in range(12)]),
        "{ orders(first: 1) { nodes { "
        + " ".join(f"a{n}: customer {{ orders(first: 1) {{ nodes {{ {ORDER} }} }} }}" for n in range(15))
        + " } } }",
    ],
)
def test_an_operation_with_much_sql_is_left_to_the_executor(query: str) -> None:
    assert query_of(query) is None


@pytest.mark.parametrize("levels", range(3))
@pytest.mark.parametrize("count", [1, 2, 8, 15])
@pytest.mark.parametrize("different", [1, 2, 15])
def test_the_statements_of_an_operation_are_never_long(levels: int, count: int, different: int) -> None:
    query = query_of(aliases([f"{nested(levels)} k{n % different}: id" for n in range(count)]))

    assert query is None or sum(len(each.sql) for each in query.statements) <= MAX_SQL


def test_the_answers_of_runs_are_spliced_in_the_order_of_the_keys() -> None:
    members = (Member(b"a", 0, 1), Member(b"b", 1, 0), Member(b"c", 0, 0))
    query = Query((Statement("", [[], []]), Statement("", [[]])), members)

    data = query.data([[b'{"":{"id":1}}', b'{"":null}'], [b'{"":"x"}']])

    assert data == b'{"a":null,"b":"x","c":{"id":1}}'


def test_each_run_is_filled_from_the_variables() -> None:
    products = "a: product(sku: $two) { sku } b: product(sku: $one) { sku }"
    text = f"query ($one: String!, $two: String!) {{ {products} {aliases([ORDER] * 20)[1:]}"
    query = query_of(text, {"one": "A", "two": "B"})

    assert query is not None
    assert [["B"], ["A"]] in [each.runs for each in query.statements]


def large(number: int) -> str:
    """A query of about 20 kB of SQL, one for each number."""
    return aliases([f"{ORDER} k{number}: id"] * 5)


def test_the_memory_of_many_large_operations_is_bounded() -> None:
    operations = Operations(schema._schema, Limits())
    operations.cache = Cache(1_000_000)
    kept: list[int] = []

    for number in range(60):
        plans = found(operations, large(number)).plans
        assert plans is not None
        query = plans.query({})
        assert query is not None
        kept.append(query.kept_bytes())
        assert operations.cache.bytes <= 1_000_000

    assert len(operations.cache) < 60
    assert operations.cache.bytes >= sum(kept[-len(operations.cache) :])


def test_each_shape_of_the_variables_counts() -> None:
    operations = Operations(schema._schema, Limits())
    names = [f"v{n}" for n in range(8)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    skipped = " ".join(f'{name}: order(id: "x") @skip(if: ${name}) {{ {ORDER} }}' for name in names)
    query = f"query ({declared}) {{ {skipped} }}"
    sizes, answered = [operations.cache.bytes], 0

    for number in range(MAX_SHAPES + 10):
        plans = found(operations, query).plans
        assert plans is not None
        answered += plans.query({name: bool(number >> n & 1) for n, name in enumerate(names)}) is not None
        sizes.append(operations.cache.bytes)

    assert answered == MAX_SHAPES
    assert sizes[: MAX_SHAPES + 1] == sorted(set(sizes)), "each plan is counted"


def test_the_smallest_operations_are_bounded_too() -> None:
    cache = Cache[str]()

    for number in range(CACHE_BYTES // 4000 + 1000):
        cache.put((str(number), None), "", 0)

    assert cache.bytes <= CACHE_BYTES
    assert cache.get(("0", None)) is None
    assert cache.get((str(number), None)) == ""


def test_an_operation_that_is_used_stays_cached() -> None:
    cache = Cache[str](100_000)
    cache.put(("used", None), "used", 0)

    for number in range(100):
        cache.put((str(number), None), "", 0)
        assert cache.get(("used", None)) == "used"
    cache.grow(("used", None), 90_000)

    assert cache.get(("used", None)) == "used"
    assert len(cache) < 5


def test_growth_of_a_dropped_operation_is_not_counted() -> None:
    cache = Cache[str](10_000)
    cache.put(("a", None), "", 0)
    before = cache.bytes
    cache.grow(("b", None), 1000)

    assert cache.bytes == before


def test_data_is_json() -> None:
    query = Query((Statement("", [[]] * 2),), (Member(b"a", 0, 0), Member(b"b", 0, 1)))

    assert orjson.loads(query.data([[b'{"":[]}', b'{"":1}']])) == {"a": [], "b": 1}

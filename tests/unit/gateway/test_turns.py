"""A long answer of the executor leaves the event loop to others, whatever shape it has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader

from gateway.operations.fair_execution import SHORT, FairExecution
from gateway.operations.turns import FIELDS_A_TURN, WOKEN_A_TURN, Turns

MANY = 3000
FIELDS = 3
"""Of each object below, as the queries select them."""


@strawberry.type
class Thing:
    number: int
    broken_at: strawberry.Private[int | None] = None

    @strawberry.field
    def double(self) -> int:
        if self.number == self.broken_at:
            raise GraphQLError("broken")
        return self.number * 2

    @strawberry.field
    def maybe(self) -> int | None:
        if self.number % 100 == 7:
            raise GraphQLError("broken")
        return None

    @strawberry.field
    async def loaded(self, info: strawberry.Info) -> Thing:
        return Thing(number=await info.context.load(self.number))

    @strawberry.field
    def inside(self) -> list[Thing]:
        return [Thing(number=number) for number in range(self.number % 7)]


@strawberry.type
class Query:
    @strawberry.field
    def things(self, many: int = MANY, broken_at: int | None = None) -> list[Thing] | None:
        return [Thing(number=number, broken_at=broken_at) for number in range(many)]

    @strawberry.field
    def maybe_things(self) -> list[Thing | None]:
        return [None if number % 3 else Thing(number=number) for number in range(MANY)]


def schema(**options: Any) -> strawberry.Schema:
    return strawberry.Schema(Query, **options)


async def doubled(keys: list[int]) -> list[int]:
    return [key * 2 for key in keys]


async def executed(query: str, **options: Any) -> Any:
    loader: DataLoader[int, int] = DataLoader(doubled)
    return await schema(**options).execute(query, context_value=loader)


async def turns_during(work: Coroutine[Any, Any, Any]) -> tuple[Any, int]:
    """What some work results in, and how often another task had its turn meanwhile."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    result = await work
    task.cancel()
    return result, turns


LONG = [
    "{ things { number double __typename } }",
    "{ things { number double loaded { number } } }",
    "{ things { loaded { loaded { number double __typename } } } }",
    "{ things { number inside { number double __typename } } }",
    "{ things { maybe number double } }",
    "{ maybeThings { number double loaded { number double inside { number } } } }",
    "{ " + " ".join(f"a{n}: things(many: {SHORT}) {{ number double __typename }}" for n in range(30)) + " }",
]


@pytest.mark.parametrize("query", LONG)
async def test_an_answer_is_the_same_as_without_turns(query: str) -> None:
    fair = await executed(query, execution_context_class=FairExecution)
    plain = await executed(query)

    assert fair.data == plain.data
    assert [(each.message, each.path) for each in fair.errors or ()] == [
        (each.message, each.path) for each in plain.errors or ()
    ]


@pytest.mark.parametrize("query", LONG[:-1])
async def test_others_have_their_turns_during_a_long_answer(query: str) -> None:
    _, plain = await turns_during(executed(query))
    result, fair = await turns_during(executed(query, execution_context_class=FairExecution))

    assert result.data is not None
    assert fair >= plain + MANY * FIELDS // FIELDS_A_TURN // 3


async def test_others_have_their_turns_while_many_answer_at_once() -> None:
    query = "{ things(many: 1000) { number double __typename } }"

    async def many() -> list[Any]:
        return await asyncio.gather(*(executed(query, execution_context_class=FairExecution) for _ in range(10)))

    results, turns = await turns_during(many())

    assert len({len(each.data["things"]) for each in results}) == 1
    assert turns >= 10 * 1000 * FIELDS // FIELDS_A_TURN


async def test_an_error_in_the_middle_of_a_list_is_one_of_its_entry() -> None:
    result = await executed(
        f"{{ things(brokenAt: {MANY // 2}) {{ double loaded {{ number }} }} }}", execution_context_class=FairExecution
    )

    assert result.data == {"things": None}
    [error] = result.errors
    assert error.path == ["things", MANY // 2, "double"]


@pytest.mark.parametrize("query", LONG)
@pytest.mark.parametrize("turns", [1, 4])
async def test_an_answer_that_is_cancelled_leaves_nothing(query: str, turns: int) -> None:
    before = asyncio.all_tasks()
    task = asyncio.create_task(executed(query, execution_context_class=FairExecution))
    for _ in range(turns):
        await asyncio.sleep(0)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(5):
        await asyncio.sleep(0)

    assert asyncio.all_tasks() == before
    result = await executed("{ things { number } }", execution_context_class=FairExecution)
    assert len(result.data["things"]) == MANY


async def test_whoever_waits_for_a_turn_gets_one() -> None:
    turns, done = Turns.of_loop(), 0

    async def part(spend: Callable[[int], None]) -> None:
        nonlocal done
        await turns.wait()
        spend(FIELDS_A_TURN // 2)
        done += 1

    turns.spend(FIELDS_A_TURN)
    await asyncio.gather(*(part(turns.spend) for _ in range(WOKEN_A_TURN * 3)))

    assert done == WOKEN_A_TURN * 3

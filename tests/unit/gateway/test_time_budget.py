"""The time limit of a request ends with the request."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from gateway.requests.time_budget import Budget, Budgets


async def test_a_budget_that_is_spent_when_it_is_looked_at_cancels_nothing() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def work() -> str:
        budget.request_is_read()
        return "done"

    budget = Budget(Budgets(0.01), receive)
    answer = await budget.spend(work())
    budget._look()  # was scheduled already
    others = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
    await asyncio.gather(*others)
    task = asyncio.current_task()

    assert answer == "done"
    assert others == []
    assert task is not None
    assert task.cancelling() == 0

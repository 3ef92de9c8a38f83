"""A search by stock waits for a write of stock: first for central's row, then for the index as of that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from time import time
from typing import Any, cast

import pytest

from gateway.consistency.consistency import Consistency
from gateway.consistency.freshness import Watermarks
from gateway.consistency.read_preferences import ReadPreferences
from gateway.consistency.reads import EVERYTHING, Reads
from gateway.consistency.tokens import INVENTORY, Token, read_tokens
from gateway.consistency.waiters import Waiters
from gateway.errors import NOT_YET_CONSISTENT, Refusal
from tests.support.eventually import eventually

BY_STOCK = replace(EVERYTHING, uses_read_model=False)
STOCK = Token("stock", "lima/A", 7)


class View:
    """A view that has a write as soon as it is among `there`; `looked_for` are those that were looked up."""

    def __init__(self, *there: Token) -> None:
        self.there, self.looked_for = {*there}, set[Token]()
        self.waiters = Waiters("a view", self.look)

    async def look(self, tokens: Collection[Token]) -> list[Token]:
        self.looked_for.update(tokens)
        return [token for token in tokens if token in self.there]


def ensure(
    read_model: View, search: View, *tokens: Token, reads: Reads = BY_STOCK, timeout_ms: int = 30_000
) -> asyncio.Task[None]:
    views = Consistency(cast(Any, None), cast(Any, None), Watermarks(1000), 30_000)
    views._read_model.waiters, views._search.waiters = read_model.waiters, search.waiters
    return asyncio.create_task(views.ensure(ReadPreferences(tokens, timeout_ms), reads))


async def looked_for(view: View, kind: str) -> Token:
    """A write of this kind, once it is looked up."""

    def first() -> Token:
        found = [token for token in view.looked_for if token.kind == kind]
        assert found
        return found[0]

    token: Token = await eventually(first)
    return token


async def test_the_index_is_awaited_as_of_the_moment_at_which_central_has_the_row() -> None:
    read_model, search = View(), View()
    waiting = ensure(read_model, search, STOCK)
    await looked_for(read_model, "stock")
    assert not search.looked_for
    before_ms = int(time() * 1000)

    read_model.there.add(STOCK)
    read_model.waiters.moved()
    moment = await looked_for(search, INVENTORY)
    assert before_ms <= moment.version <= time() * 1000
    assert not waiting.done()

    search.there.add(moment)
    search.waiters.moved()
    await waiting


async def test_a_policy_is_awaited_as_of_the_moment_at_which_its_token_came() -> None:
    [token] = read_tokens("policy:%2A%2FA:1")
    search = View()
    waiting = ensure(View(token), search, token)

    moment = await looked_for(search, INVENTORY)

    assert moment.version == token.version
    search.there.add(moment)
    search.waiters.moved()
    await waiting


@pytest.mark.parametrize(
    ("token", "reads"),
    [(STOCK, replace(BY_STOCK, searches_stock=False)), (Token("restock", "1", 1), BY_STOCK)],
)
async def test_others_do_not_wait_for_the_index(token: Token, reads: Reads) -> None:
    search = View()

    await ensure(View(token), search, token, reads=reads)

    assert not search.looked_for


@pytest.mark.parametrize("kind", ["stock", "restock", "store", "sourcing", "reservation"])
async def test_who_waits_in_vain_is_told_how_far_behind_it_is(kind: str) -> None:
    token = Token(kind, "lima/A", 7)

    with pytest.raises(Refusal) as refused:
        await ensure(View(), View(), token, timeout_ms=1)

    assert (refused.value.code, refused.value.extensions["awaited"]) == (NOT_YET_CONSISTENT, [str(token)])

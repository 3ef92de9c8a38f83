"""`oms rebuild search` while products change and are searched: each is found at every moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from chassis.databases.elasticsearch import client as elasticsearch_client
from contracts.products import SEARCH_INDEX
from products.indexing import indices
from tests.support.eventually import eventually
from tests.support.meanwhile import going_on
from tests.support.shop.builders import a_product, client
from tests.support.system.commands import begun, oms
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill


MOST_NOT_FOUND = 20
"""Products that are made before the first of them is found."""


class Catalogue:
    """Products made and changed, and what a searcher saw of them."""

    def __init__(self) -> None:
        self.word = f"q{uuid4().hex[:10]}"
        self.found: set[str] = set()
        self.problems: list[str] = []
        self.made = 0
        self.looks = 0

    async def grow(self) -> None:
        """Make products, and change each at once; no faster than they are found, however slow this machine is."""
        async with client("products") as http:
            for number in count():
                await eventually(self._are_found)
                product = await a_product(name=f"{self.word} {number}")
                changed = await http.patch(
                    f"/products/{product['sku']}", json={"price": "13.50"}, headers={"If-Match": '"1"'}
                )
                assert changed.status_code == 200, changed.text
                self.made += 1

    async def search(self) -> None:
        """Search without a pause for all there are."""
        async with client("products") as http:
            while True:
                skus: set[str] = set()
                path: str | None = f"/products?text={self.word}&limit=100"
                while path:
                    answer = await http.get(path)
                    if answer.status_code == 503:  # overloaded: a client tries again
                        break
                    if answer.status_code != 200:
                        self.problems.append(answer.text)
                        break
                    skus |= {item["sku"] for item in answer.json()["items"]}
                    path = answer.links.get("next", {}).get("url")
                else:
                    self._notice(skus)

    def _are_found(self) -> None:
        assert self.made - len(self.found) <= MOST_NOT_FOUND

    def _notice(self, skus: set[str]) -> None:
        if gone := self.found - skus:
            self.problems.append(f"{len(gone)} are not found any more")
        self.found |= skus
        self.looks += 1


@asynccontextmanager
async def a_catalogue_in_use() -> AsyncIterator[Catalogue]:
    catalogue = Catalogue()
    async with going_on(catalogue.grow, catalogue.search):
        yield catalogue


def more(catalogue: Catalogue, made: int, looks: int) -> None:
    assert catalogue.made >= made
    assert catalogue.looks >= looks


async def goes_on(catalogue: Catalogue) -> None:
    """Some more products have come, and been searched."""
    made, looks = catalogue.made + 5, catalogue.looks + 5
    await eventually(lambda: more(catalogue, made, looks))


async def test_each_product_is_found_at_every_moment_while_it_is_rebuilt_and_that_is_undone() -> None:
    async with a_catalogue_in_use() as catalogue:
        await goes_on(catalogue)
        rebuilt = await oms("rebuild", "search")
        await goes_on(catalogue)
        undone = await oms("rebuild", "undo", "search")
        await goes_on(catalogue)

    assert [code for code, _ in (rebuilt, undone)] == [0, 0], (rebuilt, undone)
    assert catalogue.problems == []
    await eventually(assert_views_equal_mysql)


async def test_one_that_was_killed_is_begun_anew() -> None:
    async with a_catalogue_in_use() as catalogue:
        await goes_on(catalogue)
        killed = await begun("rebuild", "search")
        await eventually(is_being_filled)
        killed.kill()
        await killed.wait()
        await goes_on(catalogue)
        finished = await oms("rebuild", "search")
        await goes_on(catalogue)

    assert finished[0] == 0, finished
    assert catalogue.problems == []
    assert await aliases() == {indices.previous_of(SEARCH_INDEX), SEARCH_INDEX}
    await eventually(assert_views_equal_mysql)


async def aliases() -> set[Any]:
    """Every alias there is of a search index, each of one index."""
    search = elasticsearch_client()
    try:
        there = await search.indices.get_alias(index=f"{SEARCH_INDEX}-*")
    finally:
        await search.close()
    found = [alias for index in there.body.values() for alias in index["aliases"]]
    assert len(found) == len(set(found)) == len(there.body)
    return set(found)


async def is_being_filled() -> None:
    """Whether a rebuild has made its index."""
    assert indices.next_of(SEARCH_INDEX) in await aliases()

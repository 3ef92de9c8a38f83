"""`oms stores resync`: the open reservations of a store, and no others, get a version that is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from oms.main import app
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.stock.stock_rows import AgreeingRows, agreeing_rows, note_freshness, tables_of_stock


@pytest.fixture
async def rows(servers: dict[str, str]) -> AsyncIterator[AgreeingRows]:
    """A reservation that is committed and one that is asked for, both of Seattle."""
    async with tables_of_stock():
        written = await agreeing_rows()
        await note_freshness("2026-01-31 12:00:00")
        yield written


async def versions() -> dict[str, int]:
    found = await rows_by_hand("inventory", "SELECT reservation_id, version FROM reservation")
    return {row["reservation_id"]: row["version"] for row in found}


async def resync(*arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["stores", "resync", *arguments])
    return result.exit_code, result.output


async def like(row: str, stock_id: str, wanted: str, state: str) -> str:
    """Another reservation, which differs in these."""
    copied = "order_id, order_detail_id, lines_version, sku, quantity, attempt, version"
    own = str(uuid4())
    await by_hand(
        "inventory",
        f"INSERT INTO reservation (reservation_id, stock_id, store_id, wanted, state, {copied})"
        f" SELECT %s, %s, %s, %s, %s, {copied} FROM reservation WHERE reservation_id = %s",
        [own, stock_id, stock_id.partition("/")[0], wanted, state, row],
    )
    return own


async def test_the_open_reservations_of_a_store_are_sent_again(rows: AgreeingRows) -> None:
    released = await like(rows.asked_id, rows.stock_id, "release", "released")
    cart = await like(rows.asked_id, rows.stock_id, "hold", "held")
    to_release = await like(rows.asked_id, rows.stock_id, "release", "committed")
    others = [await like(rows.asked_id, f"{store}/{rows.sku}", "commit", "asked") for store in ("seattle-2", "a")]

    done = [await resync("seattle"), await resync("seattle")]

    assert [code for code, _ in done] == [0, 0]
    assert "seattle: 3 open reservations" in done[0][1]
    sent, kept = (rows.asked_id, rows.committed_id, to_release), (released, cart, *others)
    assert await versions() == dict.fromkeys(sent, 4) | dict.fromkeys(kept, 2)


async def test_all_stores_are_those_that_central_knows(rows: AgreeingRows) -> None:
    code, said = await resync("--all")

    assert (code, said) == (0, "seattle: 2 open reservations are sent again\n")


@pytest.mark.parametrize("arguments", [[], ["seattle", "--all"], ["nowhere"]])
async def test_a_wrong_store_is_refused_in_one_line(rows: AgreeingRows, arguments: list[str]) -> None:
    code, said = await resync(*arguments)

    assert (code, said.count("\n")) == (1, 1)
    assert set((await versions()).values()) == {2}

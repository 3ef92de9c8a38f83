"""What the binlog lost before a connector read it is noticed by comparing positions, on the real server."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.databases.mysql import Connection
from connectors.gaps import Gaps
from connectors.positions import Binlog
from tests.support.system import binlogs
from tests.support.system.binlogs import administrator

pytestmark = pytest.mark.usefixtures("servers")

NAME = "oms-orders"


async def at_the_end(connection: Connection) -> dict[str, Any]:
    """The offset of a connector that has read everything."""
    end = await (await Binlog.of(connection)).end()
    return {"file": end.file, "pos": end.place, "gtids": end.gtids}


async def looked(gaps: Gaps, offset: dict[str, Any] | None, *, running: bool) -> str:
    """What is found at one look."""
    async with administrator() as connection:
        await gaps.check_server(connection)
        await gaps.check_connector(connection, NAME, offset, running)
    return gaps.found.get(NAME, "")


async def read_everything(gaps: Gaps, *, running: bool) -> dict[str, Any]:
    async with administrator() as connection:
        offset = await at_the_end(connection)
    assert await looked(gaps, offset, running=running) == ""
    return offset


async def test_a_connector_that_has_read_everything_has_no_gap() -> None:
    gaps = Gaps([NAME])
    offset = await read_everything(gaps, running=True)
    await binlogs.grow("orders", 3)

    assert await looked(gaps, offset, running=True) == ""
    assert await looked(gaps, offset, running=False) == ""


async def test_what_was_purged_while_it_was_down_is_a_gap_also_when_it_goes_on() -> None:
    gaps = Gaps([NAME])
    offset = await read_everything(gaps, running=True)
    await looked(gaps, offset, running=False)
    await binlogs.grow("orders", 1000)
    await binlogs.purge()

    while_down = await looked(gaps, offset, running=False)
    async with administrator() as connection:
        went_on = await at_the_end(connection)
    afterwards = await looked(gaps, went_on, running=True)

    assert "purged before it was read" in while_down
    assert "`oms connectors resnapshot oms-orders`" in while_down
    assert afterwards == while_down


async def test_it_may_have_gone_on_before_anybody_looked() -> None:
    gaps = Gaps([NAME])
    await read_everything(gaps, running=False)
    await binlogs.grow("orders", 1000)
    await binlogs.purge()
    async with administrator() as connection:
        went_on = await at_the_end(connection)

    assert "purged before it was read" in await looked(gaps, went_on, running=True)


async def test_what_was_purged_while_it_ran_is_none() -> None:
    gaps = Gaps([NAME])
    offset = await read_everything(gaps, running=True)
    await binlogs.grow("orders", 1000)
    await binlogs.purge()

    assert await looked(gaps, offset, running=True) == ""


async def test_a_binlog_that_was_reset_is_a_gap_even_once_it_has_grown_beyond() -> None:
    gaps = Gaps([NAME])
    await binlogs.grow("orders", 500)
    offset = await read_everything(gaps, running=True)
    await binlogs.reset()
    await binlogs.grow("orders", 100_000)

    found = await looked(gaps, offset, running=True)

    assert "reset or replaced" in found


async def test_a_reset_is_noticed_while_connect_is_away() -> None:
    gaps = Gaps([NAME])
    async with administrator() as connection:
        before = await at_the_end(connection)
        await gaps.check_server(connection)
    await binlogs.reset()
    async with administrator() as connection:
        await gaps.check_server(connection)
    await binlogs.grow("orders", 100_000)

    assert "reset or replaced" in await looked(gaps, before, running=True)


async def test_a_position_of_another_server_is_a_gap() -> None:
    gaps = Gaps([NAME])
    async with administrator() as connection:
        here = await at_the_end(connection)
    is_mariadb = "-" in here["gtids"] and ":" not in here["gtids"]
    gtids = "7-9-12" if is_mariadb else "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23"

    found = await looked(gaps, {**here, "gtids": gtids}, running=False)

    assert f"never had {gtids}" in found


async def test_a_place_in_a_file_is_compared_where_there_are_no_gtids() -> None:
    async with administrator() as connection:
        here = await at_the_end(connection)
        after = {**here, "gtids": "", "pos": here["pos"] + 1_000_000}
        gone = {**here, "gtids": "", "file": "binlog.000000"}

    assert await looked(Gaps([NAME]), {**here, "gtids": ""}, running=False) == ""
    assert "never had" in await looked(Gaps([NAME]), after, running=False)
    assert "purged" in await looked(Gaps([NAME]), gone, running=False)


async def test_a_gap_is_over_when_the_connector_begins_anew() -> None:
    gaps = Gaps([NAME])
    async with administrator() as connection:
        here = await at_the_end(connection)
    assert await looked(gaps, {**here, "gtids": "", "file": "binlog.000000"}, running=False)

    assert await looked(gaps, None, running=False) == ""
    assert await looked(gaps, {"snapshot": "INITIAL", **here}, running=True) == ""

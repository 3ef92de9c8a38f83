"""The database of a store is created without noise, and a restore that is refused has changed nothing."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import suppress

import pymysql
import pytest

from oms.prepare.mysql import administrator, create_store, prepare_mysql
from oms.stock import stores_restore
from oms.stock.lost_database import Refused
from oms.stock.restored import Records
from oms.stock.stores_restore import restore
from tests.support.by_hand import by_hand
from tests.support.stock.stock_rows import AgreeingRows, agreeing_rows, note_freshness, tables_of_stock

NAME = "store_new"


@pytest.fixture
async def rows(servers: dict[str, str]) -> AsyncIterator[AgreeingRows]:
    """The stock of a store that central knows."""
    async with tables_of_stock():
        written = await agreeing_rows()
        await note_freshness("2026-01-31 12:00:00")
        yield written
    await by_hand("store_seattle", "DELETE FROM store_heartbeat")


async def test_a_database_that_exists_is_created_again_in_silence(servers: dict[str, str]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            first = await create_store(NAME, None, lambda: "secret")
            again = await create_store(NAME, "secret")
            await prepare_mysql()
    finally:
        async with administrator() as admin:
            with suppress(pymysql.err.MySQLError):
                await admin.execute(f"DROP DATABASE {NAME}")
            await admin.execute(f"DROP USER {NAME}@'%%'")

    assert (first, again) == ("secret", None)


@pytest.mark.parametrize(("is_running", "reason"), [(True, "is running"), (False, "on no topic")])
async def test_a_restore_that_is_refused_has_changed_nothing(
    rows: AgreeingRows, monkeypatch: pytest.MonkeyPatch, is_running: bool, reason: str
) -> None:
    async def no_records(_: str) -> Records:
        return Records({}, {}, {}, {}, {})

    async def is_not_called(*_: object) -> None:
        raise AssertionError("it was to be refused before")

    for name in ("create_store", "migrate_mysql", "transact", "send_again"):
        monkeypatch.setattr(stores_restore, name, is_not_called)
    monkeypatch.setattr(stores_restore, "read_records", no_records)
    await by_hand("store_seattle", "DELETE FROM store_heartbeat")
    if is_running:
        await by_hand("store_seattle", "INSERT INTO store_heartbeat VALUES ('seattle', UTC_TIMESTAMP(6), 1)")

    with pytest.raises(Refused, match=reason):
        await restore("seattle")

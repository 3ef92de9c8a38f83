"""A second store needs a database, an account and a process: then it sells, and its units are available."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chassis.addresses import DEFAULT_PORTS, port
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import client, posted
from tests.support.stock.selling import violations
from tests.support.system.binlogs import administrator
from tests.support.system.commands import CHECKOUT, begun, oms

pytestmark = pytest.mark.drill

STORE = "lima-2"


async def test_a_store_is_added_while_everything_runs(
    system: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets.env"
    secrets.write_text("OMS_OTHER=kept")
    # The place after that of the last port, which nothing else uses.
    monkeypatch.setenv("OMS_STORE_LIMA_2_PORT", str(port("gateway") + len(DEFAULT_PORTS)))

    where = ("--country", "PE", "--latitude", "-12.0464", "--longitude", "-77.0428")

    code, said = await oms("stores", "add", STORE, *where, "--secrets", str(secrets))

    assert code == 0, said
    kept = dict(line.split("=", 1) for line in secrets.read_text().splitlines())
    assert kept.keys() == {"OMS_OTHER", "OMS_STORE_LIMA_2_DB_PASSWORD"}
    assert kept["OMS_STORE_LIMA_2_DB_PASSWORD"] not in said
    environ = {**os.environ, "OMS_STORE_ID": STORE, **kept}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "stores.store", cwd=CHECKOUT, env=environ)
    try:
        sku = f"ä/{uuid4().hex[:12]}"
        await eventually(lambda: _sells(sku))
        await eventually(lambda: _is_available(sku))
        assert "lima-2 on reservation" in (await oms("status"))[1]
        assert await violations() == []
        again = await oms("stores", "add", STORE, *where, "--secrets", str(secrets))
        without_it = await oms("stores", "add", STORE, *where, "--secrets", str(tmp_path / "none"))
        assert (again[0], without_it[0]) == (0, 0)
        assert "PASSWORD" not in again[1] + without_it[1]
        assert kept == dict(line.split("=", 1) for line in secrets.read_text().splitlines())
        await eventually(_is_listed)
    finally:
        process.terminate()
        await process.wait()
        await _removed()


async def _removed() -> None:
    """Other tests have one store, which is fresh."""
    for table in ("availability", "store"):
        await by_hand("inventory", f"DELETE FROM {table} WHERE store_id = %s", [STORE])
    async with administrator() as admin:
        await admin.execute("DROP DATABASE store_lima_2")
        await admin.execute("DROP USER store_lima_2")


async def _is_listed() -> None:
    process = await begun("stores", "list", "--json")
    said, _ = await process.communicate()
    [listed] = [each for each in json.loads(said) if each["id"] == STORE]
    assert (listed["stale"], listed["onHand"], listed["unreadReservations"]) == (False, 12, 0)
    assert (listed["name"], listed["latitude"], listed["longitude"]) == (STORE, -12.0464, -77.0428)


async def _sells(sku: str) -> None:
    async with client("store_lima_2") as http:
        body = {"sku": sku, "delta": 12, "reason": "received", "reference": "1"}
        try:
            answer = await posted(http, f"/stores/{STORE}/stock-movements", body)
        except httpx.TransportError as error:
            raise AssertionError("it does not answer yet") from error
    assert answer.status_code in (201, 409), answer.text


async def _is_available(sku: str) -> None:
    rows = await rows_by_hand("inventory", "SELECT store_id, on_hand FROM availability WHERE sku = %s", [sku])
    assert rows == [{"store_id": STORE, "on_hand": 12}]

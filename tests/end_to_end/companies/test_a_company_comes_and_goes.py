"""`oms import` and `oms export` of a company of a thousand: killed in the middle they go on, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.databases import mysql
from chassis.http.errors.problems import Unavailable
from chassis.http.routing.paths import url_path
from customers.settings import database as customers_database
from local import stack, supervisor
from local.programs import ours
from products.settings import database as products_database
from tests.support.eventually import eventually
from tests.support.shop.builders import client

MANY = 1000
ENOUGH = 300

PLACE = {
    "recipient": "Ben Trujillo", "company": "Ana’s", "phone": "030-0074322",
    "streetType": "Calle", "street": "de las Pizarras", "number": "7", "building": "B", "department": "D",
    "reference": "at the back", "city": "Lima", "region": "LIM", "postalCode": "15001", "country": "PE",
    "latitude": -12.046374, "longitude": -77.042793,
}  # fmt: skip
THING = {
    "name": "Tea — “fine”", "description": "Two\nlines", "price": "2.50", "currency": "USD", "type": "tea",
    "unit": "box", "length": 1.5, "width": 2.0, "height": 0.125, "weight": 1.25,
    "categories": ["hot"], "discontinued": True,
}  # fmt: skip
CATEGORIES = [{"slug": "hot", "name": "Hot", "parent": "warm"}, {"slug": "warm", "name": "Warm", "description": "…"}]
PERSON = {
    "name": "Ana", "lastName": "Trujillo", "identityDocument": "X-1", "phone": "030-0074321", "company": "Ana’s",
    "active": False,
}  # fmt: skip


def write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def read(file: Path, like: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if like in line]


async def oms(*command: str | Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "oms", *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def done(*command: str | Path) -> None:
    process = await oms(*command)
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def counted(database: mysql.Database, sql: str, like: str) -> tuple[int, ...]:
    try:
        async with database.reading() as connection:
            [row] = await connection.fetch_all(sql, [f"%{like}%"])
            return tuple(row.values())
    except Unavailable as error:
        raise AssertionError("it is away") from error
    finally:
        await database.close()


async def products(like: str) -> tuple[int, ...]:
    return await counted(products_database(), "SELECT COUNT(*) AS products FROM products WHERE sku LIKE %s", like)


async def customers(like: str) -> tuple[int, ...]:
    """How many customers, and how many addresses they have."""
    sql = """SELECT COUNT(DISTINCT customer_id) AS customers, COUNT(address_id) AS addresses
             FROM customer LEFT JOIN address USING (customer_id) WHERE email LIKE %s"""
    return await counted(customers_database(), sql, like)


@pytest.mark.parametrize(
    "killed", ["oms", *(pytest.param(name, marks=pytest.mark.drill) for name in ("products", "customers", "mysql"))]
)
async def test_an_import_that_is_killed_in_the_middle_goes_on(
    system: dict[str, str], tmp_path: Path, killed: str
) -> None:
    if killed != "oms" and killed not in [program.name for program in ours(system)]:
        pytest.skip("this server is not ours here")
    mark = uuid4().hex[:12]
    numbers = range(MANY)
    write(tmp_path / "categories.jsonl", CATEGORIES)
    write(tmp_path / "products.jsonl", ({**THING, "sku": f"{mark}-{number}"} for number in numbers))
    places = [PLACE, {**PLACE, "number": "8"}]
    write(
        tmp_path / "customers.jsonl",
        ({**PERSON, "externalId": n, "email": f"{n}@{mark}.example", "addresses": places} for n in numbers),
    )

    async def is_in_the_middle() -> None:
        [seen, *_] = await (products if killed == "products" else customers)(mark)
        assert seen >= ENOUGH

    importing = await oms("import", tmp_path)
    await eventually(is_in_the_middle)
    os.kill(importing.pid if killed == "oms" else supervisor.states(system)[killed]["pid"], signal.SIGKILL)
    output, _ = await importing.communicate()
    if killed == "oms":
        await done("import", tmp_path)
    else:
        assert importing.returncode == 0, output.decode()

    assert await products(mark) == (MANY,)
    assert await customers(mark) == (MANY, 2 * MANY)
    await asyncio.to_thread(stack.up, system, say=lambda _: None)  # starts nothing, waits until all are ready


async def test_what_was_exported_makes_the_same_company_again(system: dict[str, str], tmp_path: Path) -> None:
    mark = uuid4().hex[:12]
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    first.mkdir()
    write(first / "categories.jsonl", CATEGORIES)
    write(
        first / "products.jsonl",
        [{**THING, "sku": f"{mark}-1"}, {"sku": f"{mark}-Ö/2+#", "name": "Tea", "price": "2", "currency": "JPY"}],
    )
    write(
        first / "customers.jsonl",
        [
            {**PERSON, "externalId": 1, "email": f"1@{mark}.example", "addresses": [PLACE, {**PLACE, "latitude": 0}]},
            {"externalId": 2, "name": "B", "lastName": "", "email": f"2..@{mark}.example"},
            {"externalId": 3, "company": mark, "addresses": [{**PLACE, "country": "Kosovo"}]},
            {"externalId": 4, "company": mark, "phone": "1"},
        ],
    )
    await done("import", first)
    await done("export", second)
    mine = read(second / "products.jsonl", mark), read(second / "customers.jsonl", mark)
    await remove(*mine)
    assert (await products(mark), await customers(mark)) == ((0,), (0, 0))
    write(second / "products.jsonl", mine[0])
    write(second / "customers.jsonl", mine[1])
    write(second / "orders.jsonl", [])  # other tests have changed rows of orders by hand

    await done("import", second)
    await done("export", third)

    again = read(third / "products.jsonl", mark), read(third / "customers.jsonl", mark)
    assert [_said(line) for line in again[0]] == [_said(line) for line in mine[0]]
    assert [_said(line) for line in again[1]] == [_said(line) for line in mine[1]]
    assert [_at(line) for file in again for line in file] == [_at(line) for file in mine for line in file]
    tree = [_said(line) for line in read(third / "categories.jsonl", "slug") if line["slug"] in ("hot", "warm")]
    assert tree == [{**each, "position": 0} for each in reversed(CATEGORIES)]
    assert _said(mine[0][0]) == {**THING, "sku": f"{mark}-1"}
    assert _said(mine[1][0]) == {
        **PERSON, "email": f"1@{mark}.example", "addresses": [PLACE, {**PLACE, "latitude": 0.0}],
    }  # fmt: skip


async def remove(things: list[dict[str, Any]], people: list[dict[str, Any]]) -> None:
    async with client("products") as http:
        for thing in things:
            assert (await http.delete(url_path("products", thing["sku"]), headers={"If-Match": "*"})).status_code == 204
    async with client("customers") as http:
        for person in people:
            gone = await http.delete(f"/customers/{person['externalId']}", headers={"If-Match": "*"})
            assert gone.status_code == 204


def _said(line: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in line.items() if name not in ("externalId", "exported")}
    return said | {"addresses": [_said(each) for each in said["addresses"]]} if "addresses" in said else said


def _at(line: dict[str, Any]) -> tuple[Any, ...]:
    """Which it is and when it was made; its version is above that of its deletion."""
    return tuple(line["exported"].get(name) for name in ("id", "createdAt", "updatedAt"))

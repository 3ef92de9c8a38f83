"""Products by the thousand, on real servers; by a process of its own where that matters."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psutil
import pytest

from chassis.bulk.json_lines import MOST_LINE_BYTES
from chassis.databases.mysql import placeholders
from contracts.slugs import slug_of
from local import supervisor
from local.programs import ours
from oms.company.lines.products import Product, product_body, product_line
from products.api import app
from products.settings import database
from tests.support.apps import running
from tests.support.bulk import HEADERS, bulk, lines, two_ways
from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.shop.categories import a_category
from tests.support.system.processes import process


@pytest.fixture
async def products(servers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


@pytest.fixture
async def service(servers: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    async with process("products") as started:
        yield started


def chai(sku: str, **changes: Any) -> dict[str, Any]:
    return {"sku": sku, "name": "Chai", "price": "18.00", "currency": "USD"} | changes


def some(count: int) -> list[dict[str, Any]]:
    batch = f"B-{uuid4().hex[:12]}"
    return [chai(f"{batch}-{number:06}") for number in range(count)]


def nonsense(count: int, colour: str = "red") -> list[dict[str, Any]]:
    return [{"sku": f"not a sku {number}", "colour": colour} for number in range(count)]


def tally(answers: list[dict[str, Any]]) -> tuple[int, ...]:
    return tuple(answers[-1][name] for name in ("lines", "made", "unchanged", "refused"))


async def rows(like: str) -> list[dict[str, Any]]:
    mysql = database()
    async with mysql.reading() as connection:
        found = await connection.fetch_all("SELECT * FROM products WHERE sku LIKE %s ORDER BY sku", [f"{like}%"])
    await mysql.close()
    return found


async def removed(start: str) -> None:
    """What comes after goes through all products, again and again."""
    mysql = database()
    async with mysql.transaction() as tx:
        for table in ("products", "known_sku"):
            await tx.execute(f"DELETE FROM {table} WHERE sku LIKE %s", [f"{start}%"])
    await mysql.close()


async def test_each_line_is_made_as_a_single_post_would_make_it(products):
    full = {
        "description": "Tea,\nfor two",
        "type": "tea",
        "unit": "box",
        "length": "1.5",
        "width": 2,
        "height": "0.125",
        "weight": "1.250",
        "active": False,
        "categories": [(await a_category(products))["slug"] for _ in range(2)],
    }
    one, many = f"T-{uuid4()}", f"T-{uuid4()}"
    single = (await products.post("/products", json=chai(one, **full))).json()

    answers = await bulk(products, "/products/bulk", lines([chai(many, **full)]))

    assert answers == [
        {"line": 1, "status": 201, "sku": many, "version": 1},
        {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
    ]
    shown = (await products.get(f"/products/{many}")).json()
    server_made = ("sku", "createdAt", "updatedAt")
    assert {k: v for k, v in shown.items() if k not in server_made} == {
        k: v for k, v in single.items() if k not in server_made
    }


async def test_a_line_that_is_sent_again_changes_nothing_and_one_that_differs_is_refused(products):
    [product] = some(1)
    await bulk(products, "/products/bulk", lines([product]))
    before = await rows(product["sku"])

    same, other, single, end = await bulk(
        products,
        "/products/bulk",
        lines([product | {"price": 18, "description": None}, product | {"price": "19"}, product]),
    )

    assert (same, single["status"]) == ({"line": 1, "status": 200, "sku": product["sku"], "version": 1}, 200)
    assert (other["line"], other["status"], other["problem"]["type"]) == (2, 409, "urn:oms:problem:sku-taken")
    assert [fault["pointer"] for fault in other["problem"]["errors"]] == ["#/sku", "#/price"]
    assert end == {"lines": 3, "made": 0, "unchanged": 2, "refused": 1}
    assert await rows(product["sku"]) == before


async def test_a_line_that_differs_replaces_the_product_when_an_update_is_asked_for(products):
    [product] = some(1)
    await bulk(products, "/products/bulk", lines([product | {"unit": "box"}]))

    updated, end = await bulk(products, "/products/bulk?update=true", lines([product | {"price": "19"}]))
    again, _ = await bulk(products, "/products/bulk?update=true", lines([product | {"price": "19"}]))

    assert updated == {"line": 1, "status": 200, "sku": product["sku"], "version": 2, "updated": True}
    assert end == {"lines": 1, "made": 0, "updated": 1, "unchanged": 0, "refused": 0}
    assert again == {"line": 1, "status": 200, "sku": product["sku"], "version": 2}
    shown = (await products.get(f"/products/{product['sku']}")).json()
    assert (shown["price"], shown["unit"], shown["version"]) == ("19.00", None, 2)


async def test_an_exported_product_is_made_anew_with_its_times_and_version(products):
    new, known = (chai(f"X-{uuid4()}") for _ in range(2))
    past = {"createdAt": "2020-01-31T12:00:00.123000Z", "updatedAt": "2021-01-31T12:00:00Z", "version": 7}
    await bulk(products, "/products/bulk", lines([known]))
    await products.delete(f"/products/{known['sku']}", headers={"If-Match": "*"})

    made, above, end = await bulk(
        products, "/products/bulk", lines([new | {"exported": past}, known | {"exported": past}])
    )

    assert (made["version"], end["made"]) == (7, 2)
    assert above["version"] > 1_000_000_000_000
    shown = (await products.get(f"/products/{new['sku']}")).json()
    assert {name: shown[name] for name in past} == past


async def test_a_line_that_is_wrong_is_refused_as_a_single_post_is_and_the_others_go_on(products):
    good = some(2)
    wrong: list[bytes] = [
        json.dumps(chai("no\tsku", price="1.23456", colour="red")).encode(),
        b'{"sku": ',
        b"5",
        b"[]",
        b'{"name": "\xff"}',
        b"[" * 100_000,
        json.dumps(chai("A", description="x" * MOST_LINE_BYTES)).encode(),
        b'{"\\ud800": "\\ud800", "name": 1, "price": 1e999}',
    ]

    content = lines(good[:1]) + b"\r\n\n" + b"\n".join(wrong) + b"\n" + lines(good[1:]).strip()
    answers = await bulk(products, "/products/bulk", content)

    assert [each["line"] for each in answers[:-1]] == [1, *range(4, 13)]
    assert [each["status"] for each in answers[:-1]] == [201, 422, 400, 422, 422, 400, 400, 413, 422, 201]
    assert tally(answers) == (12, 2, 0, 8)
    for line, answer in zip(wrong, answers[1:-2], strict=True):
        single = await products.post("/products", content=line, headers={"Content-Type": "application/json"})
        if answer["status"] != 413 and not line.startswith(b"[["):
            assert (single.status_code, single.json()["type"]) == (answer["status"], answer["problem"]["type"])
            assert single.json().get("errors") == answer["problem"].get("errors")
    assert {fault["pointer"] for fault in answers[1]["problem"]["errors"]} == {"#/sku", "#/price", "#/colour"}


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
async def test_other_media_types_are_refused(products, media_type):
    answer = await products.post("/products/bulk", content=lines(some(1)), headers={"Content-Type": media_type})

    assert (answer.status_code, answer.json()["type"]) == (415, "urn:oms:problem:unsupported-media-type")


async def test_nothing_sent_is_nothing_done(products):
    assert await bulk(products, "/products/bulk", b"") == [{"lines": 0, "made": 0, "unchanged": 0, "refused": 0}]


async def test_a_sku_made_again_by_a_bulk_goes_on_above_all_versions_it_had(products):
    [product] = some(1)
    await bulk(products, "/products/bulk", lines([product]))
    gone = await products.delete(f"/products/{product['sku']}", headers={"If-Match": '"1"'})

    [made, _] = await bulk(products, "/products/bulk", lines([product]))

    assert made["status"] == 201
    assert made["version"] > int(gone.headers["Consistency-Token"].rpartition(":")[2])


async def test_bulks_that_race_with_the_same_lines_make_each_thing_once(products):
    entries = some(1000)
    backwards = list(reversed(entries))

    answers = await asyncio.gather(
        *(bulk(products, "/products/bulk", lines(each)) for each in (entries, backwards, entries, backwards)),
        *(products.post("/products", json=entry) for entry in entries[::100]),
    )

    bulks = [each for each in answers if isinstance(each, list)]
    singles = [each for each in answers if isinstance(each, httpx.Response)]
    assert all(tally(each)[0] == 1000 and tally(each)[3] == 0 for each in bulks)
    made = sum(tally(each)[1] for each in bulks) + sum(each.status_code == 201 for each in singles)
    assert made == 1000
    assert {row["version"] for row in await rows(entries[0]["sku"][:-7])} == {1}


async def test_an_export_can_be_sent_as_it_is(products):
    entries = some(450)
    await bulk(products, "/products/bulk", lines(entries))
    after = entries[0]["sku"]

    exported = await products.get("/products/bulk", params={"after": after})
    answers = await bulk(products, "/products/bulk", exported.content)

    skus = [json.loads(line)["sku"] for line in exported.text.splitlines()]
    assert skus == sorted(skus)
    assert skus[:449] == [entry["sku"] for entry in entries[1:]]
    assert tally(answers) == (len(skus), 0, len(skus), 0)
    assert exported.headers["content-type"] == HEADERS["Content-Type"]


async def test_who_sends_line_by_line_is_answered_line_by_line(service):
    async with two_ways("products", "/products/bulk") as way:
        answers = way.answers()
        for number, entry in enumerate(some(5), 1):
            await way.send(lines([entry]))
            assert await anext(answers) == {"line": number, "status": 201, "sku": entry["sku"], "version": 1}
        await way.end()
        assert [each async for each in answers] == [{"lines": 5, "made": 5, "unchanged": 0, "refused": 0}]


@pytest.mark.drill
async def test_ten_times_the_lines_take_no_more_memory(service):
    memory, many = psutil.Process(service.pid).memory_info, some(10_000)

    async with client("products") as http:
        assert tally(await bulk(http, "/products/bulk", lines(some(1000)))) == (1000, 1000, 0, 0)
        assert tally(await bulk(http, "/products/bulk", lines(nonsense(10_000)))) == (10_000, 0, 0, 10_000)
        before = memory().rss
        assert tally(await bulk(http, "/products/bulk", lines(many))) == (10_000, 10_000, 0, 0)
        assert tally(await bulk(http, "/products/bulk", lines(nonsense(100_000)))) == (100_000, 0, 0, 100_000)
        exported = await http.get("/products/bulk")

    assert len(exported.text.splitlines()) >= 10_000
    assert memory().rss - before < 24 * 1024 * 1024
    await removed(f"{many[0]['sku'].rpartition('-')[0]}-")


async def test_who_reads_no_answer_before_all_is_sent_gets_them_all(service):
    """As most clients do. More than what the buffers of two sockets hold, each way."""
    async with client("products") as http:
        answers = await bulk(http, "/products/bulk", lines(nonsense(50_000, colour="red" * 150)))

    assert [answer.get("line") for answer in answers] == [*range(1, 50_001), None]


async def test_when_the_database_goes_away_the_answers_so_far_stand(servers, service):
    if "mysql" not in [program.name for program in ours(servers)]:
        pytest.skip("this server is not ours here")
    entries = some(3)

    async with two_ways("products", "/products/bulk") as way:
        answers = way.answers()
        await way.send(lines(entries[:1]))
        assert (await anext(answers))["status"] == 201
        os.kill(supervisor.states(servers)["mysql"]["pid"], signal.SIGKILL)
        await way.send(lines(entries[1:2]))
        [away] = [each async for each in answers]

    async def is_back() -> None:
        async with client("products") as http:
            answer = await http.post("/products/bulk", content=lines(entries), headers=HEADERS)
        assert answer.status_code == 200, answer.text
        assert tally([json.loads(line) for line in answer.text.splitlines()]) == (3, 2, 1, 0)

    assert "line" not in away
    assert (away["status"], away["problem"]["type"]) == (503, "urn:oms:problem:dependency-unavailable")
    await eventually(is_back)


async def test_a_bulk_that_was_cut_is_sent_again_and_goes_on(service):
    entries = some(3000)
    answered: list[dict[str, Any]] = []

    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):  # noqa: PT012 it breaks anywhere in there
        async with two_ways("products", "/products/bulk") as way:
            sending = asyncio.create_task(way.send(lines(entries)))
            async for answer in way.answers():
                answered.append(answer)
                if len(answered) == 100:
                    service.kill()
            await sending
    async with process("products"), client("products") as http:
        rest = await bulk(http, "/products/bulk", lines(entries[len(answered) :]))

    assert 100 <= len(answered) < 3000
    assert {each["status"] for each in answered} == {201}
    assert tally(rest)[3] == 0
    assert [row["sku"] for row in await rows(entries[0]["sku"][:-7])] == [entry["sku"] for entry in entries]


@pytest.mark.parametrize(
    "odd",
    [
        {"currency": "BGN"},
        {"currency": "HRK", "price": Decimal("0.0125")},
        {"currency": "QQQ", "active": 2},
        {"currency": "usd", "name": "", "type": "a\tb", "unit": "", "description": "\u2028 \u0085"},
        {"price": Decimal("-1.5"), "length": Decimal("-2.000"), "weight": Decimal("999999999.999")},
        {"categories": '[{"name": "", "level": 3, "description": "a\\u0000b"}, {"name": "Hot"}]'},
        {"created_at": "2026-03-01 00:00:00.250", "updated_at": "2026-02-01 00:00:00", "version": 7},
        {"sku": "bulk"},
        {"sku": " a/b\t"},
    ],
)
async def test_whatever_is_stored_can_be_exported_and_made_anew(products: httpx.AsyncClient, odd: dict[str, Any]):
    times: dict[str, Any] = {"created_at": "2026-01-01", "updated_at": "2026-01-01", "version": 1}
    usual = {"name": "Chai", "price": 18, "currency": "USD", "categories": "[]", "active": 1}
    row: dict[str, Any] = {"sku": f"odd {uuid4().hex}", **usual, **times, **odd}
    mysql, sku = database(), row["sku"]
    for name in ("", "Hot"):
        await products.post("/categories", json={"slug": slug_of(name), "name": "Hot"})
    try:
        async with mysql.transaction() as tx:
            await tx.execute(
                f"INSERT INTO products ({', '.join(row)}) VALUES ({placeholders(row)})", list(row.values())
            )
        before, [exported] = await rows(sku), await exports_of(products, sku)
        sent = product_body(msgspec.json.decode(msgspec.json.encode(product_line(exported)), type=Product))
        same = await bulk(products, "/products/bulk", lines([exported, sent]))
        async with mysql.transaction() as tx:
            await tx.execute("DELETE FROM products WHERE sku = %s", [sku])

        answers = await bulk(products, "/products/bulk", lines([sent]))

        assert tally(same) == (2, 0, 2, 0), same
        assert tally(answers) == (1, 1, 0, 0), answers
        assert await exports_of(products, sku) == [exported]
        loose = {"active", "categories"}
        assert [{k: v for k, v in each.items() if k not in loose} for each in await rows(sku)] == [
            {k: v for k, v in each.items() if k not in loose} for each in before
        ]
        resumed = await products.get("/products/bulk", params={"after": sku})
        assert resumed.status_code == 200, resumed.text
    finally:
        async with mysql.transaction() as tx:
            await tx.execute("DELETE FROM products WHERE sku = %s", [sku])
            await tx.execute("DELETE FROM known_sku WHERE sku = %s", [sku])
        await mysql.close()


async def exports_of(products: httpx.AsyncClient, sku: str) -> list[dict[str, Any]]:
    exported = (await products.get("/products/bulk")).content.splitlines()
    return [line for line in map(json.loads, exported) if line["sku"] == sku]


async def test_faults_of_new_and_of_exported_lines_are_told_at_their_members(products):
    [product] = some(1)
    exported = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "version": 1}
    wrong = [
        product | {"currency": "BGN"},
        product | {"categories": ["no slug"]},
        product | {"categories": ["none-such"]},
        product | {"currency": "BGNX", "exported": exported},
        product | {"exported": exported | {"version": 0}},
        product | {"exported": exported, "colour": "red"},
    ]

    answers = await bulk(products, "/products/bulk", lines(wrong))

    assert [[fault["pointer"] for fault in each["problem"]["errors"]] for each in answers[:-1]] == [
        ["#/currency"], ["#/categories/0"], ["#/categories/0"], ["#/currency"], ["#/exported/version"], ["#/colour"],
    ]  # fmt: skip

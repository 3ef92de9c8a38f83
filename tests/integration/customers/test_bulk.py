"""Customers with their addresses by the thousand, on real servers; by a process of its own where that matters."""

from __future__ import annotations

import asyncio
import json
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
from customers.api import app
from customers.settings import database
from oms.company.importing.customer_import import CustomerImport
from oms.company.lines.customers import Customer, customer_line
from tests.support.apps import running
from tests.support.bulk import bulk, lines
from tests.support.shop.builders import client
from tests.support.system.processes import process

BERLIN = {"street": "Obere Str. 57", "city": "Berlin", "postalCode": "12209", "country": "DE"}
LIMA = {"street": "Calle de las Pizarras", "city": "Lima", "country": "PE", "latitude": "-12.046374", "longitude": -77}


@pytest.fixture
async def customers(servers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


def ana(**changes: Any) -> dict[str, Any]:
    return {"name": "Ana", "lastName": "Trujillo", "email": f"{uuid4()}@example.com"} | changes


def some(count: int) -> list[dict[str, Any]]:
    domain = f"{uuid4().hex[:12]}.example"
    return [ana(email=f"{number:06}@{domain}", addresses=[BERLIN, LIMA]) for number in range(count)]


def tally(answers: list[dict[str, Any]]) -> tuple[int, ...]:
    return tuple(answers[-1][name] for name in ("lines", "made", "unchanged", "refused"))


async def addresses(customers: httpx.AsyncClient, customer_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    url: str | None = f"/customers/{customer_id}/addresses?limit=100"
    while url:
        answer = await customers.get(url)
        found += answer.json()["items"]
        url = answer.links.get("next", {}).get("url")
    return found


async def counted(like: str) -> tuple[int, int]:
    """How many customers have such an email address, and how many addresses they have together."""
    mysql = database()
    async with mysql.reading() as connection:
        [row] = await connection.fetch_all(
            """SELECT COUNT(DISTINCT customer_id) AS customers, COUNT(address_id) AS addresses
               FROM customer LEFT JOIN address USING (customer_id) WHERE email LIKE %s""",
            [like],
        )
    await mysql.close()
    return row["customers"], row["addresses"]


async def test_a_line_makes_a_customer_and_its_addresses_as_single_posts_would(customers):
    full = {"identityDocument": "X-1", "phone": "030-0074321", "company": "Alfreds", "active": False}
    single = (await customers.post("/customers", json=ana(**full))).json()
    place = (await customers.post(f"/customers/{single['id']}/addresses", json=LIMA)).json()

    made, end = await bulk(customers, "/customers/bulk", lines([ana(**full, addresses=[BERLIN, LIMA])]))

    assert set(made) == {"line", "status", "id", "version", "addresses"}
    assert (made["status"], made["version"], end["made"]) == (201, 1, 1)
    shown = (await customers.get(f"/customers/{made['id']}")).json()
    other = {"id", "email", "createdAt", "updatedAt", "customerId"}
    assert {k: v for k, v in shown.items() if k not in other} == {k: v for k, v in single.items() if k not in other}
    berlin, lima = await addresses(customers, made["id"])
    assert [berlin["id"], lima["id"]] == made["addresses"]
    assert {k: v for k, v in lima.items() if k not in other} == {k: v for k, v in place.items() if k not in other}


async def test_who_is_here_stays_and_gets_the_addresses_that_are_wanting(customers):
    [entry] = some(1)
    elsewhere = BERLIN | {"number": "2"}
    [first, _] = await bulk(customers, "/customers/bulk", lines([entry | {"addresses": [LIMA]}]))

    same, more, end = await bulk(
        customers,
        "/customers/bulk",
        lines(
            [
                entry | {"addresses": [{**LIMA, "longitude": "-77.0", "street": f" {LIMA['street']} "}]},
                entry | {"email": entry["email"].upper(), "addresses": [elsewhere, LIMA, BERLIN, elsewhere]},
            ]
        ),
    )

    assert (same["status"], same["id"], same["addresses"]) == (200, first["id"], first["addresses"])
    assert (more["status"], more["id"], more["version"]) == (200, first["id"], 1)
    assert end == {"lines": 2, "made": 0, "unchanged": 2, "refused": 0}
    places = {place["id"]: (place["city"], place["number"]) for place in await addresses(customers, first["id"])}
    assert [places[each] for each in more["addresses"]] == [
        ("Berlin", "2"), ("Lima", None), ("Berlin", None), ("Berlin", "2"),
    ]  # fmt: skip
    assert len(places) == 3


async def test_who_is_here_and_is_said_to_be_another_is_refused(customers):
    [entry] = some(1)
    [first, _] = await bulk(customers, "/customers/bulk", lines([entry]))
    other = entry | {
        "email": entry["email"].upper(),
        "name": "Anne",
        "phone": "1",
        "addresses": [BERLIN | {"number": "2"}],
    }

    refused, end = await bulk(customers, "/customers/bulk", lines([other]))

    assert (refused["status"], refused["problem"]["type"]) == (409, "urn:oms:problem:email-taken")
    pointers = [fault["pointer"] for fault in refused["problem"]["errors"]]
    assert pointers == ["#/email", "#/name", "#/phone"]
    assert end == {"lines": 1, "made": 0, "unchanged": 0, "refused": 1}
    shown = (await customers.get(f"/customers/{first['id']}")).json()
    assert (shown["name"], shown["phone"], shown["version"]) == ("Ana", None, 1)
    assert len(await addresses(customers, first["id"])) == 2


async def test_who_is_here_is_replaced_when_an_update_is_asked_for(customers):
    [entry] = some(1)
    [first, _] = await bulk(customers, "/customers/bulk", lines([entry | {"phone": "1"}]))
    other = entry | {"name": "Anne"}

    updated, end = await bulk(customers, "/customers/bulk?update=true", lines([other]))
    again, _ = await bulk(customers, "/customers/bulk?update=true", lines([other]))

    assert (updated["status"], updated["version"], updated["updated"]) == (200, 2, True)
    assert end == {"lines": 1, "made": 0, "updated": 1, "unchanged": 0, "refused": 0}
    assert again == {"line": 1, "status": 200, "id": first["id"], "version": 2, "addresses": first["addresses"]}
    shown = (await customers.get(f"/customers/{first['id']}")).json()
    assert (shown["name"], shown["phone"], shown["version"]) == ("Anne", None, 2)


async def test_an_exported_customer_is_made_anew_with_ids_times_and_versions(customers):
    twins = [BERLIN, BERLIN | {"number": "2"}]
    [made, _] = await bulk(customers, "/customers/bulk", lines([ana(addresses=twins)]))
    moved = f"/addresses/{made['addresses'][1]}"
    assert (await customers.put(moved, json=BERLIN, headers={"If-Match": '"1"'})).status_code == 200
    exported = await export_of(customers, made["id"])
    assert [place["exported"]["version"] for place in exported["addresses"]] == [1, 2]

    elsewhere = renamed(exported)
    [again, _] = await bulk(customers, "/customers/bulk", lines([elsewhere]))
    [same, end] = await bulk(customers, "/customers/bulk", lines([elsewhere]))

    assert again["status"] == 201
    assert await export_of(customers, again["id"]) == elsewhere
    assert (same["status"], end["unchanged"]) == (200, 1)
    assert len(await addresses(customers, again["id"])) == 2


async def test_an_exported_customer_that_was_deleted_here_comes_back_above_its_delete(customers):
    [made, _] = await bulk(customers, "/customers/bulk", lines([ana(addresses=[BERLIN, LIMA])]))
    exported = await export_of(customers, made["id"])
    gone = await customers.delete(f"/addresses/{made['addresses'][0]}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    gone = await customers.delete(f"/customers/{made['id']}", headers={"If-Match": "*"})
    assert gone.headers["Consistency-Token"].endswith(":2")

    [again, _] = await bulk(customers, "/customers/bulk", lines([exported]))

    assert (again["status"], again["id"], again["version"]) == (201, made["id"], 3)
    assert {place["version"] for place in await addresses(customers, made["id"])} == {3}


async def test_an_id_of_another_customer_is_refused(customers):
    made = (await bulk(customers, "/customers/bulk", lines(some(2))))[:-1]
    first, second = [await export_of(customers, each["id"]) for each in made]
    thief = renamed(first) | {"addresses": second["addresses"]}
    with_other_email = first | {"email": second["email"]}
    moved = {**first, "addresses": [{**first["addresses"][0], "city": "Bonn"}]}

    refused = (await bulk(customers, "/customers/bulk", lines([thief, with_other_email, moved])))[:-1]

    assert [each["problem"]["type"].rpartition(":")[2] for each in refused] == [
        "id-taken",
        "email-taken",
        "email-taken",
    ]
    assert refused[0]["problem"]["errors"][0]["pointer"] == "#/addresses/0/exported/id"
    assert refused[2]["problem"]["errors"][1]["pointer"] == "#/addresses/0/city"
    [updated, _] = await bulk(customers, "/customers/bulk?update=true", lines([moved]))
    assert (updated["updated"], updated["version"]) == (True, 1)
    assert {place["city"] for place in await addresses(customers, made[0]["id"])} == {"Bonn", "Lima"}


async def export_of(customers: httpx.AsyncClient, customer_id: str) -> dict[str, Any]:
    exported = await customers.get("/customers/bulk")
    lines_of_all: list[dict[str, Any]] = [json.loads(each) for each in exported.content.splitlines()]
    [line] = [each for each in lines_of_all if each["exported"]["id"] == customer_id]
    return line


def renamed(exported: dict[str, Any]) -> dict[str, Any]:
    """The same customer under other ids, as the export of another system would have it."""
    changed = {**exported, "email": f"{uuid4()}@example.com", "exported": {**exported["exported"], "id": str(uuid4())}}
    places = [{**each, "exported": {**each["exported"], "id": str(uuid4())}} for each in exported["addresses"]]
    return {**changed, "addresses": sorted(places, key=lambda place: place["exported"]["id"])}


async def test_a_line_with_a_wrong_address_is_refused_whole_and_the_others_go_on(customers):
    good, wrong = some(1)[0], ana(name="", addresses=[BERLIN, {**LIMA, "country": "XX", "colour": "red"}])
    crowded = ana(addresses=[BERLIN] * 101)

    refused, too_many, made, end = await bulk(customers, "/customers/bulk", lines([wrong, crowded, good]))

    pointers = {fault["pointer"] for fault in refused["problem"]["errors"]}
    assert pointers == {"#/name", "#/addresses/1/country", "#/addresses/1/colour"}
    assert too_many["problem"]["errors"][0]["pointer"] == "#/addresses"
    assert (made["line"], made["status"], end["refused"]) == (3, 201, 2)
    assert await counted(wrong["email"]) == (0, 0)


async def test_bulks_that_race_with_the_same_lines_make_each_thing_once(customers):
    entries = some(600)
    moved = [entry | {"addresses": [LIMA, BERLIN | {"number": "2"}]} for entry in reversed(entries)]

    answers = await asyncio.gather(
        *(bulk(customers, "/customers/bulk", lines(each)) for each in (entries, moved, entries, moved))
    )

    assert all(tally(each)[0] == 600 and tally(each)[3] == 0 for each in answers)
    assert sum(tally(each)[1] for each in answers) == 600
    assert len({line["id"] for each in answers for line in each[:-1]}) == 600
    assert await counted(f"%@{entries[0]['email'].partition('@')[2]}") == (600, 1800)


async def test_a_customer_that_is_deleted_meanwhile_is_made_again_or_comes_before(customers):
    entries = some(200)
    made = (await bulk(customers, "/customers/bulk", lines(entries)))[:-1]

    async def delete(customer_id: str) -> None:
        await customers.delete(f"/customers/{customer_id}", headers={"If-Match": "*"})

    again, *_ = await asyncio.gather(
        bulk(customers, "/customers/bulk", lines([entry | {"addresses": [BERLIN, LIMA]} for entry in entries])),
        *(delete(each["id"]) for each in made[::4]),
    )

    assert tally(again)[3] == 0
    for each in again[:-1]:
        found = await customers.get(f"/customers/{each['id']}")
        if found.status_code == 200:
            assert [place["id"] for place in await addresses(customers, each["id"])] == each["addresses"]


async def test_an_export_can_be_sent_as_it_is(customers):
    entries = some(450)
    made = await bulk(customers, "/customers/bulk", lines(entries))

    exported = await customers.get("/customers/bulk", params={"after": made[0]["id"]})
    answers = await bulk(customers, "/customers/bulk", exported.content)

    found = [json.loads(line) for line in exported.text.splitlines()]
    assert [line["exported"]["id"] for line in found[:449]] == [each["id"] for each in made[1:450]]
    assert [[place["exported"]["id"] for place in line["addresses"]] for line in found[:449]] == [
        each["addresses"] for each in made[1:450]
    ]
    assert found[0]["addresses"][1]["latitude"] == -12.046374
    assert tally(answers) == (len(found), 0, len(found), 0)
    assert [each["id"] for each in answers[:449]] == [each["id"] for each in made[1:450]]


async def test_a_customer_with_very_many_addresses_is_exported_in_lines_that_can_be_sent(customers):
    texts = dict.fromkeys(("city", "region", "building", "department", "reference"), "€" * 200)
    far = [{**texts, "street": f"{number} " + "€" * 190, "country": "FR"} for number in range(250)]
    entry = ana()
    for start in range(0, 250, 25):
        [made, _] = await bulk(customers, "/customers/bulk", lines([entry | {"addresses": far[start : start + 25]}]))

    exported = await customers.get("/customers/bulk")

    mine = [line for line in exported.content.splitlines() if json.loads(line)["exported"]["id"] == made["id"]]
    streets = [place["street"] for line in mine for place in json.loads(line)["addresses"]]
    assert streets == [place["street"] for place in far]
    assert all(len(line) < MOST_LINE_BYTES for line in mine)
    assert tally(await bulk(customers, "/customers/bulk", b"\n".join(mine))) == (len(mine), 0, len(mine), 0)


@pytest.mark.drill
async def test_ten_thousand_lines_go_in_one_request_and_take_little_memory(servers):
    few, many = some(1000), some(10_000)
    async with process("customers") as service, client("customers") as http:
        memory = psutil.Process(service.pid).memory_info
        assert tally(await bulk(http, "/customers/bulk", lines(few))) == (1000, 1000, 0, 0)
        before = memory().rss

        assert tally(await bulk(http, "/customers/bulk", lines(many))) == (10_000, 10_000, 0, 0)

        assert memory().rss - before < 24 * 1024 * 1024
    await removed_all(many)


@pytest.mark.parametrize(
    ("person", "place"),
    [
        ({"email": "no address"}, {}),
        ({"email": "Ana@Example.COM"}, {}),
        ({"name": "", "phone": "a\tb", "company": " "}, {"street": "", "city": "a\nb", "reference": " "}),
        ({"active": 2, "identity_document": ""}, {"country": "YU"}),
        ({"last_name": "\u2028 \u0085"}, {"country": "??"}),
        ({}, {"country": "de", "latitude": Decimal("99.5"), "longitude": Decimal("-200.000001")}),
        ({"created_at": "2026-03-01", "updated_at": "2026-02-01", "version": 7}, {"version": 9}),
    ],
)
async def test_whatever_is_stored_can_be_exported_and_made_anew(
    customers: httpx.AsyncClient, person: dict[str, Any], place: dict[str, Any]
) -> None:
    times: dict[str, Any] = {"created_at": "2026-01-01", "updated_at": "2026-01-01", "version": 1}
    row = {"customer_id": str(uuid4()), "name": "Ana", "last_name": "T", "email": f"{uuid4()}@x.org",
           "active": 1, **times} | person  # fmt: skip
    address = {"address_id": str(uuid4()), "customer_id": row["customer_id"], "street": "S", "city": "Berlin",
               "country": "DE", **times} | place  # fmt: skip
    mysql, key = database(), row["customer_id"]
    try:
        async with mysql.transaction() as tx:
            for table, values in (("customer", row), ("address", address)):
                sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({placeholders(values)})"
                await tx.execute(sql, list(values.values()))
        before, exported = await stored_of(key), await export_of(customers, key)
        customer = msgspec.json.decode(msgspec.json.encode(customer_line(exported)), type=Customer)
        sent = CustomerImport.of(customer, []).next_body()
        same = await bulk(customers, "/customers/bulk", lines([exported, sent]))
        await removed(key)

        answers = await bulk(customers, "/customers/bulk", lines([sent]))

        assert tally(same) == (2, 0, 2, 0), same
        assert tally(answers) == (1, 1, 0, 0), answers
        assert await export_of(customers, key) == exported
        assert await stored_of(key) == [{**each, "active": 1} if "active" in each else each for each in before]
    finally:
        await removed(key)
        await mysql.close()


async def test_a_new_address_of_an_exported_customer_is_checked(customers: httpx.AsyncClient) -> None:
    [made, _] = await bulk(customers, "/customers/bulk", lines(some(1)))
    exported = await export_of(customers, made["id"])
    kept = {**exported["addresses"][0], "country": "YU", "exported": exported["addresses"][0]["exported"]}

    refused, _ = await bulk(
        customers, "/customers/bulk", lines([exported | {"addresses": [kept, LIMA | {"country": "YU"}]}])
    )

    assert [fault["pointer"] for fault in refused["problem"]["errors"]] == ["#/addresses/1/country"]


async def stored_of(customer_id: str) -> list[dict[str, Any]]:
    mysql = database()
    async with mysql.reading() as connection:
        found = [
            row
            for table in ("customer", "address")
            for row in await connection.fetch_all(f"SELECT * FROM {table} WHERE customer_id = %s", [customer_id])
        ]
    await mysql.close()
    return found


async def removed_all(entries: list[dict[str, Any]]) -> None:
    """What comes after goes through all customers, again and again."""
    mysql, like = database(), f"%@{entries[0]['email'].partition('@')[2]}"
    async with mysql.transaction() as tx:
        await tx.execute("DELETE address FROM address JOIN customer USING (customer_id) WHERE email LIKE %s", [like])
        await tx.execute("DELETE FROM customer WHERE email LIKE %s", [like])
    await mysql.close()


async def removed(customer_id: str) -> None:
    mysql = database()
    async with mysql.transaction() as tx:
        for table in ("address", "customer"):
            await tx.execute(f"DELETE FROM {table} WHERE customer_id = %s", [customer_id])
    await mysql.close()

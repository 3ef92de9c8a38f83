"""The customers service on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from customers.api import app
from customers.models import NAMED_BY
from tests.support.apps import running
from tests.support.shop.builders import a_key
from tests.support.shop.people import BERLIN, ana, kind, made, made_address

NOBODY = "018f0000-0000-7000-8000-000000000000"


async def test_a_new_customer_says_where_it_is_and_which_version_it_has(customers):
    mark = uuid4().hex

    answer = await customers.post("/customers", json=ana(email=f"MARIA.{mark}@Northwind.example"))

    customer = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/customers/{customer['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Consistency-Token"] == f"customer:{customer['id']}:1"
    assert (await customers.get(answer.headers["Location"])).json() == customer
    assert customer["email"] == f"maria.{mark}@northwind.example"


async def test_an_email_is_taken_once(customers):
    customer = await made(customers)

    again = await customers.post("/customers", json=ana(email=customer["email"].upper()))

    assert kind(again) == (409, "email-taken")
    assert again.json()["errors"][0]["pointer"] == "#/email"


async def test_of_many_at_once_one_gets_the_email(customers):
    email = ana()["email"]

    answers = await asyncio.gather(*(customers.post("/customers", json=ana(email=email)) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11


async def test_a_reader_who_has_the_newest_version_is_told_so(customers):
    customer = await made(customers)

    answer = await customers.get(f"/customers/{customer['id']}", headers={"If-None-Match": 'W/"1"'})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_change_needs_the_version_it_is_based_on(customers, method):
    customer = await made(customers)
    url, body = f"/customers/{customer['id']}", None if method == "DELETE" else ana()

    without = await customers.request(method, url, json=body)
    stale = await customers.request(method, url, json=body, headers={"If-Match": '"9"'})
    of_nobody = await customers.request(method, f"/customers/{NOBODY}", json=body)

    assert kind(without) == (428, "precondition-required")
    assert kind(stale) == (412, "precondition-failed")
    assert kind(of_nobody) == (404, "customer-not-found")
    assert (await customers.get(url)).json() == customer


async def test_of_many_changes_of_one_version_one_wins(customers):
    customer = await made(customers)
    url = f"/customers/{customer['id']}"

    answers = await asyncio.gather(
        *(customers.patch(url, json={"name": f"Ana {n}"}, headers={"If-Match": '"1"'}) for n in range(20))
    )

    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    assert (await customers.get(url)).json() == won
    assert won["version"] == 2


async def test_put_clears_what_is_left_out(customers):
    customer = await made(customers, phone="030", company="Alfreds")

    answer = await customers.put(f"/customers/{customer['id']}", json=ana(phone="31"), headers={"If-Match": '"1"'})

    assert (answer.json()["phone"], answer.json()["company"], answer.json()["version"]) == ("31", None, 2)


async def test_patch_leaves_what_is_left_out_and_clears_what_is_null(customers):
    customer = await made(customers, phone="030", company="Alfreds")
    url = f"/customers/{customer['id']}"
    headers = {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}

    answer = await customers.patch(url, content=b'{"phone": null, "name": "Maria"}', headers=headers)

    assert (answer.json()["phone"], answer.json()["company"], answer.json()["name"]) == (None, "Alfreds", "Maria")


async def test_patch_cannot_clear_all_that_a_customer_is_known_by(customers):
    customer = await made(customers)
    url, headers = f"/customers/{customer['id']}", {"If-Match": "*"}

    without_names = await customers.patch(url, json={"name": None, "lastName": None}, headers=headers)
    without_all = await customers.patch(url, json=dict.fromkeys(NAMED_BY), headers=headers)

    assert (without_names.status_code, without_names.json()["email"]) == (200, customer["email"])
    assert kind(without_all) == (422, "invalid-request")
    assert [fault["pointer"] for fault in without_all.json()["errors"]] == ["#"]


async def test_many_customers_have_no_email_and_one_has_each(customers):
    made_of = [await customers.post("/customers", json={"company": "Kiosk"}, headers=a_key()) for _ in range(2)]
    email = f"{uuid4().hex:x<230}..@docomo.ne.jp"
    both = [
        await customers.post("/customers", json={"email": each}, headers=a_key()) for each in (email, email.upper())
    ]

    assert [answer.status_code for answer in (*made_of, *both)] == [201, 201, 201, 409]
    found = await customers.get("/customers", params={"email": email})
    assert [each["email"] for each in found.json()["items"]] == [email]


async def test_a_customer_goes_with_its_addresses(customers):
    customer = await made(customers)
    address = await made_address(customers, customer)

    answer = await customers.delete(f"/customers/{customer['id']}", headers={"If-Match": '"1"'})

    assert answer.status_code == 204
    assert answer.headers["Consistency-Token"] == f"customer:{customer['id']}:2"
    assert kind(await customers.get(f"/customers/{customer['id']}")) == (404, "customer-not-found")
    assert kind(await customers.get(f"/addresses/{address['id']}")) == (404, "address-not-found")


@pytest.mark.parametrize("before", range(0, 12, 2))
async def test_addresses_come_before_a_delete_or_not_at_all(customers, before):
    customer = await made(customers)
    url = f"/customers/{customer['id']}"
    asked = [customers.post(f"{url}/addresses", json=BERLIN) for _ in range(12)]
    asked.insert(before, customers.delete(url, headers={"If-Match": '"1"'}))

    posts = await asyncio.gather(*asked)

    deleted = posts.pop(before)
    assert deleted.status_code == 204
    assert {post.status_code for post in posts} <= {201, 404}
    assert kind(await customers.get(f"{url}/addresses")) == (404, "customer-not-found")


async def test_a_customer_is_found_by_email_in_any_case(customers):
    customer = await made(customers)

    answer = await customers.get("/customers", params={"email": customer["email"].upper()})

    assert answer.json()["items"] == [customer]


async def test_an_identity_document_is_found_only_whole_and_as_it_is(customers):
    document = f"X{uuid4().hex[:10]}"
    customer = await made(customers, identityDocument=document)

    found = [
        (await customers.get("/customers", params={"identityDocument": asked})).json()["items"]
        for asked in (document, document.lower(), document[:-1])
    ]

    assert found == [[customer], [], []]


async def test_a_list_goes_on_where_the_page_before_ended(customers):
    document = f"P{uuid4().hex[:10]}"
    every = [await made(customers, identityDocument=document) for _ in range(5)]

    seen, url = [], f"/customers?identityDocument={document}&limit=2"
    while url:
        answer = await customers.get(url)
        seen.append(answer.json()["items"])
        url = answer.links.get("next", {}).get("url")

    assert seen == [every[:2], every[2:4], every[4:]]


async def test_addresses_are_listed_under_their_customer(customers):
    customer, other = await made(customers), await made(customers)
    addresses = [await made_address(customers, customer, number=str(n)) for n in range(3)]
    url = f"/customers/{customer['id']}/addresses"

    first = (await customers.get(url, params={"limit": 2})).json()
    second = (await customers.get(url, params={"limit": 2, "cursor": first["nextCursor"]})).json()

    assert [*first["items"], *second["items"]] == addresses
    assert second["nextCursor"] is None
    assert (await customers.get(f"/customers/{other['id']}/addresses")).json()["items"] == []


async def test_an_address_is_replaced_and_removed(customers):
    address = await made_address(customers, await made(customers))
    url = f"/addresses/{address['id']}"

    replaced = await customers.put(
        url, json={"street": "Av. 1", "city": "Lima", "country": "PE"}, headers={"If-Match": '"1"'}
    )
    removed = await customers.delete(url, headers={"If-Match": '"2"'})

    assert (replaced.json()["country"], replaced.json()["latitude"]) == ("PE", None)
    assert replaced.headers["Consistency-Token"] == f"address:{address['id']}:2"
    assert removed.headers["Consistency-Token"] == f"address:{address['id']}:3"
    assert kind(await customers.get(url)) == (404, "address-not-found")


async def test_coordinates_are_json_numbers(customers):
    address = await made_address(customers, await made(customers), latitude="52.5200066", longitude=-180)

    assert (address["latitude"], address["longitude"]) == (52.520007, -180)


async def test_nobody_has_no_addresses(customers):
    url = f"/customers/{NOBODY}/addresses"

    assert kind(await customers.get(url)) == (404, "customer-not-found")
    assert kind(await customers.post(url, json=BERLIN)) == (404, "customer-not-found")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{,", 400),
        (b'{"name": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b'{"name": ' + b"9" * 5000 + b"}", 400),
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'{"name": "\\ud800"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"name": NaN}', 400),
        (b'{"name": "' + b"x" * 2_000_000 + b'"}', 413),
    ],
)
async def test_rubbish_is_a_problem_and_no_error_of_ours(customers, body, status):
    answer = await customers.post("/customers", content=body, headers={"Content-Type": "application/json"})

    assert kind(answer)[0] == status


async def test_a_body_of_unknown_length_is_not_read_for_ever(customers):
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 100_000

    answer = await customers.post("/customers", content=endless(), headers={"Content-Type": "application/json"})

    assert kind(answer) == (413, "body-too-large")


@pytest.mark.parametrize(
    "path",
    [
        "/customers/x",
        "/addresses/x",
        "/customers?limit=0",
        "/customers?limit=101",
        "/customers?cursor=x",
        "/customers?cursor=bnVsbA",
        "/customers?lastName=%00",
        "/customers?lastName=+",
    ],
)
async def test_a_question_that_does_not_fit_is_refused(customers, path):
    assert kind(await customers.get(path)) == (422, "invalid-request")


async def test_without_its_database_the_service_says_so(servers, monkeypatch):
    monkeypatch.setenv("OMS_MYSQL_PORT", "1")

    async with running(app(), until_ready=False) as customers:
        answer = await customers.post("/customers", json=ana())
        ready = await customers.get("/health/ready")
        live = await customers.get("/health/live")

    assert kind(answer) == (503, "dependency-unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert (ready.status_code, live.status_code) == (503, 200)
    assert "mysql" in ready.json()["missing"]


async def test_a_method_that_an_address_does_not_have_is_refused_naming_those_it_has(customers):
    customer = await made(customers)

    answer = await customers.post(f"/customers/{customer['id']}", json={})

    assert kind(answer) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"


async def test_head_is_get_without_the_body(customers):
    customer = await made(customers)

    answer = await customers.head(f"/customers/{customer['id']}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["ETag"] == '"1"'


async def test_a_customer_is_found_by_the_address_it_was_registered_with(customers):
    email = f"{uuid4()}@xn--bcher-kva.example"
    customer = await made(customers, email=email)

    found = (await customers.get("/customers", params={"email": email})).json()["items"]

    assert [each["id"] for each in found] == [customer["id"]]

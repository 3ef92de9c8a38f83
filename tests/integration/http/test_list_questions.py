"""What lists can be asked, how a client turns their pages, and which questions are refused, naming the parameter."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.support.shop.people import kind, made, made_address, parameters

# To the collation most of these are one name, or begin with one.
ALIKE = ["Muller", "Müller", "MÜLLER", "mûller", "Muller", "Müllerin", "Mueller", "Mul"]
ODD = ["Muller 😀", "Muller 😁", "Muller ß", "Muller ss", "Muller\u200d", "Muller-", "Muller _%\\", "Muller '"]


async def all_pages(client: httpx.AsyncClient, url: str) -> list[dict[str, str]]:
    """All items of a list, each page by the Link of the one before."""
    items = []
    while url:
        answer = await client.get(url)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        assert len(items) < 100, "it goes in a circle"
        url = answer.links.get("next", {}).get("url", "")
    return items


@pytest.fixture
async def mark(customers: httpx.AsyncClient) -> str:
    """How the last names of this test's people begin."""
    return f"X{uuid4().hex[:10]} "


@pytest.mark.parametrize("sort", ["lastName", "-lastName"])
async def test_no_name_is_lost_or_shown_twice_whatever_equals_what(customers, mark, sort):
    ids = {(await made(customers, lastName=mark + name))["id"] for name in [*ALIKE, *ODD]}

    seen = await all_pages(customers, f"/customers?lastName={mark}&sort={sort}&limit=1")

    assert sorted(person["id"] for person in seen) == sorted(ids)


async def test_a_last_name_is_found_by_how_it_begins_without_capitals_and_accents(customers, mark):
    for name in [*ALIKE, "Miller"]:
        await made(customers, lastName=mark + name)

    found = await customers.get("/customers", params={"lastName": f"{mark.lower()}mÚll"})

    names = {person["lastName"].removeprefix(mark) for person in found.json()["items"]}
    assert names == set(ALIKE) - {"Mueller", "Mul"}


@pytest.mark.parametrize("name", ["%", "_", "\\", "\\%", "'", '"', "%s", "%(x)s"])
async def test_signs_of_sql_in_a_name_are_only_signs(customers, mark, name):
    await made(customers, lastName=f"{mark}A")
    odd = await made(customers, lastName=f"{mark}{name}A")

    found = await customers.get("/customers", params={"lastName": mark + name})

    assert found.json()["items"] == [odd]


async def test_customers_are_listed_by_when_they_were_made(customers):
    phone = uuid4().hex[:20]
    first, second, third = [await made(customers, phone=phone) for _ in range(3)]
    between = {"createdFrom": first["createdAt"], "createdBefore": third["createdAt"]}

    newest = await all_pages(customers, f"/customers?phone={phone}&sort=-createdAt&limit=2")
    some = (await customers.get("/customers", params={"phone": phone, **between})).json()["items"]

    assert newest == [third, second, first]
    assert some == [each for each in (first, second) if each["createdAt"] < third["createdAt"]]


async def test_a_copy_is_kept_by_reading_what_was_updated_since(customers):
    first, second, third = [await made(customers) for _ in range(3)]
    patch = {"headers": {"If-Match": "*"}, "json": {"company": "Northwind"}}
    first = (await customers.patch(f"/customers/{first['id']}", **patch)).json()
    ids = [each["id"] for each in (second, third, first)]

    seen = await all_pages(customers, f"/customers?updatedFrom={second['updatedAt']}&limit=1")
    before = f"/customers?updatedFrom={second['updatedAt']}&updatedBefore={first['updatedAt']}&sort=-updatedAt"
    without_the_last = await all_pages(customers, before)

    times = [each["updatedAt"] for each in seen]
    assert times == sorted(times)
    assert [each["id"] for each in seen if each["id"] in ids] == ids
    assert all(each["updatedAt"] < first["updatedAt"] for each in without_the_last)
    assert {second["id"]} <= {each["id"] for each in without_the_last}


async def test_addresses_are_read_by_when_they_were_updated(customers):
    customer = await made(customers)
    first, second = [await made_address(customers, customer) for _ in range(2)]
    body = {"street": "Unter den Linden", "city": "Berlin", "country": "DE"}
    first = (await customers.put(f"/addresses/{first['id']}", json=body, headers={"If-Match": "*"})).json()
    url = f"/customers/{customer['id']}/addresses"

    assert await all_pages(customers, f"{url}?limit=1") == [first, second]
    assert await all_pages(customers, f"{url}?limit=1&updatedFrom=2026-01-01T00:00:00Z") == [second, first]
    assert await all_pages(customers, f"{url}?updatedBefore={first['updatedAt']}") == [second]


@pytest.mark.parametrize("path", ["/products", "/categories"])
async def test_a_copy_of_the_catalogue_is_kept_by_what_was_updated_since(products, path):
    keys = [f"copy-{uuid4().hex[:12]}" for _ in range(3)]
    key = {"/products": "sku", "/categories": "slug"}[path]
    whole = {"name": "Chai", **({"price": "1", "currency": "USD"} if key == "sku" else {})}
    first, *_ = [(await products.post(path, json=whole | {key: each})).json() for each in keys]
    await products.patch(f"{path}/{keys[0]}", json={"name": "Tea"}, headers={"If-Match": "*"})

    seen = await all_pages(products, f"{path}?updatedFrom={first['updatedAt']}&limit=1")
    before = await all_pages(products, f"{path}?updatedBefore={first['updatedAt']}")

    times = [each["updatedAt"] for each in seen]
    assert times == sorted(times)
    assert [each[key] for each in seen if each[key] in keys] == [keys[1], keys[2], keys[0]]
    assert {each[key] for each in before}.isdisjoint(keys)


async def test_customers_who_are_no_longer_active_are_told_from_the_others(customers, mark):
    await made(customers, lastName=f"{mark}A")
    gone = await made(customers, lastName=f"{mark}B", active=False)

    assert await all_pages(customers, f"/customers?lastName={mark}&active=false") == [gone]


async def test_products_are_listed_by_type_and_price(products):
    kind_of = f"t{uuid4().hex[:10]}"
    prices = {"A": "5.00", "B": "10.00", "C": "9.00"}
    for name, price in prices.items():
        body = {"sku": f"{kind_of}-{name}", "name": name, "price": price, "currency": "EUR", "type": kind_of}
        assert (await products.post("/products", json=body)).status_code == 201
    url = f"/products?type={kind_of.upper()}&limit=1"

    by_price = await all_pages(products, f"{url}&currency=eur&sort=-price")
    cheap = await all_pages(products, f"{url}&currency=EUR&priceFrom=5&priceBelow=10")
    by_name = await all_pages(products, f"{url}&active=true&sort=-name")

    assert [product["name"] for product in by_price] == ["B", "C", "A"]
    assert [product["name"] for product in cheap] == ["A", "C"]
    assert [product["name"] for product in by_name] == ["C", "B", "A"]


async def test_a_page_says_where_the_first_and_the_next_are(customers):
    phone = uuid4().hex[:20]
    every = [await made(customers, phone=phone) for _ in range(3)]

    first = await customers.get(f"/customers?limit=2&phone={phone}")
    second = await customers.get(first.links["next"]["url"])

    assert f"cursor={first.json()['nextCursor']}" in first.links["next"]["url"]
    assert [first.json()["items"], second.json()["items"]] == [every[:2], every[2:]]
    assert "next" not in second.links
    assert (await customers.get(second.links["first"]["url"])).json() == first.json()


async def test_a_cursor_answers_the_question_that_it_was_given_for(customers):
    phone = uuid4().hex[:20]
    for _ in range(2):
        customer = await made(customers, phone=phone)
        await made_address(customers, customer)
        await made_address(customers, customer)
    cursor = (await customers.get(f"/customers?phone={phone}&sort=createdAt&limit=1")).json()["nextCursor"]
    of_addresses = (await customers.get(f"/customers/{customer['id']}/addresses?limit=1")).json()["nextCursor"]

    same = await customers.get(f"/customers?sort=createdAt&limit=5&phone={phone}&cursor={cursor}")
    others = [
        f"/customers?phone={phone}&cursor={cursor}",
        f"/customers?phone={phone}&sort=-createdAt&cursor={cursor}",
        f"/customers?phone=030&sort=createdAt&cursor={cursor}",
        f"/customers?sort=createdAt&cursor={cursor}",
        f"/customers/{customer['id']}/addresses?cursor={cursor}",
        f"/customers?phone={phone}&sort=createdAt&cursor={of_addresses}",
        f"/customers?phone={phone}&sort=createdAt&cursor={cursor[:-1]}",
        f"/customers?phone={phone}&sort=createdAt&cursor=",
    ]

    assert same.json()["items"] == [customer]
    assert [parameters(await customers.get(url)) for url in others] == [["cursor"]] * len(others)


async def test_who_has_a_list_already_is_told_so(customers):
    url = f"/customers?phone={uuid4().hex[:20]}"
    first = await customers.get(url)

    again = await customers.get(url, headers={"If-None-Match": first.headers["ETag"]})
    await made(customers, phone=url.partition("=")[2])
    changed = await customers.get(url, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["ETag"].startswith('W/"')
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (changed.status_code, len(changed.json()["items"])) == (200, 1)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("lastName=a&sort=createdAt", ["sort"]),
        ("phone=1&sort=lastName", ["sort"]),
        ("lastName=a&createdFrom=2026-01-01T00:00:00Z", ["lastName", "createdFrom"]),
        ("phone=1&active=true", ["phone", "active"]),
        ("phone=1&identityDocument=1", ["identityDocument", "phone"]),
        ("sort=name", ["sort"]),
        ("updatedFrom=2026-01-01T00:00:00Z&sort=createdAt", ["sort"]),
        ("updatedBefore=2026-01-01T00:00:00Z&phone=1", ["phone", "updatedBefore"]),
        ("createdFrom=2026", ["createdFrom"]),
        ("createdFrom=2026-01-01", ["createdFrom"]),
        ("createdBefore=2026-01-01T00:00:00", ["createdBefore"]),
        ("active=2", ["active"]),
        ("lastNam=a", ["lastNam"]),
        ("name=-", ["name"]),
        ("name=Ana&phone=1", ["name", "phone"]),
        ("last_name=a&limit=0&active=x", ["last_name", "active", "limit"]),
        ("limit=1&limit=2", ["limit"]),
        ("phone=1&phone=2&offset=3", ["offset", "phone"]),
    ],
)
async def test_a_question_about_customers_that_no_list_answers_is_refused(customers, query, named):
    assert parameters(await customers.get(f"/customers?{query}")) == named


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("sort=price", ["sort"]),
        ("priceFrom=1&priceBelow=2", ["priceBelow", "priceFrom"]),
        ("priceBelow=1&sort=name", ["priceBelow"]),
        ("currency=EUR&sort=name", ["sort"]),
        ("type=tea&sort=createdAt", ["sort"]),
        ("currency=XXX&priceFrom=1e3", ["currency", "priceFrom"]),
        ("sku=A&type=tea&sort=name", ["sku", "type", "sort"]),
        ("text=chai&priceFrom=1", ["priceFrom"]),
        ("sku=A&facets=true&category=tea", ["sku", "category", "facets"]),
        ("text=chai&updatedFrom=2026-01-01T00:00:00Z", ["updatedFrom"]),
        ("category=tea&sort=-updatedAt&updatedBefore=2026-01-01T00:00:00Z", ["updatedBefore", "sort"]),
        ("updatedFrom=2026-01-01T00:00:00Z&type=tea", ["type", "updatedFrom"]),
        ("sku=A&text=chai", ["sku", "text"]),
        ("sku=A&cursor=x", ["cursor"]),
        ("offset=10", ["offset"]),
    ],
)
async def test_a_question_about_products_that_no_list_answers_is_refused(products, query, named):
    assert parameters(await products.get(f"/products?{query}")) == named


async def test_a_parameter_that_there_is_not_is_refused_with_all_that_is_wrong_besides(customers):
    answer = await customers.post("/customers?dryRun=true", json={"name": "", "email": "T", "nick": 1})

    assert kind(answer) == (422, "invalid-request")
    places = [fault.get("parameter") or fault["pointer"] for fault in answer.json()["errors"]]
    assert places == ["dryRun", "#/name", "#/email", "#/nick"]


async def test_a_parameter_that_there_is_not_is_refused_before_anything_is_done(customers):
    customer = await made(customers)
    url = f"/customers/{customer['id']}"

    refused = await customers.delete(f"{url}?force=true", headers={"If-Match": '"1"'})

    assert parameters(refused) == ["force"]
    assert (await customers.get(url)).json() == customer


async def test_of_very_many_faults_the_first_are_told(customers):
    answer = await customers.post("/customers", json={f"member{number}": number for number in range(5000)})

    assert kind(answer) == (422, "invalid-request")
    assert len(answer.json()["errors"]) == 100

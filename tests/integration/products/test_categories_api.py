"""The tree of categories over REST, on a real MySQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from chassis.databases.mysql import Database, placeholders
from contracts.products import Category
from products.categories import changing, copies
from products.categories.limits import MOST_DEPTH
from products.settings import database
from tests.support.eventually import eventually
from tests.support.shop.categories import a_branch, a_category, a_slug, stale_products
from tests.support.shop.people import kind

ANY = {"If-Match": "*"}


@pytest.fixture
async def mysql(servers: dict[str, str]) -> AsyncIterator[Database]:
    opened = database()
    yield opened
    await opened.close()


async def a_product(products: httpx.AsyncClient, *slugs: str) -> str:
    """A product in these categories. Returns its SKU."""
    sku = f"T-{uuid4().hex[:12]}"
    body = {"sku": sku, "name": "Chai", "price": "18.00", "currency": "USD", "categories": slugs}
    answer = await products.post("/products", json=body)
    assert answer.status_code == 201, answer.text
    return sku


async def copies_of(mysql: Database, sku: str) -> list[Category]:
    async with mysql.reading() as connection:
        row = await connection.fetch_one("SELECT categories FROM products WHERE sku = %s", [sku])
    assert row is not None
    return copies.decode(row["categories"])


async def patched(products: httpx.AsyncClient, slug: str, **members: Any) -> httpx.Response:
    return await products.patch(f"/categories/{slug}", json=members, headers=ANY)


async def nothing_is_stale(mysql: Database) -> None:
    assert await stale_products(mysql) == []


async def nothing_is_left_to_copy(mysql: Database) -> None:
    async with mysql.reading() as connection:
        assert await connection.fetch_all("SELECT * FROM category_change") == []


async def test_a_new_category_says_where_it_is_and_which_version_it_has(products):
    slug, parent = a_slug(), await a_category(products)
    members = {"slug": slug, "name": "Tés", "description": "Hot", "parent": parent["slug"], "position": 2}

    answer = await products.post("/categories", json=members)

    assert (answer.status_code, answer.headers["Location"]) == (201, f"/categories/{slug}")
    assert (answer.headers["ETag"], answer.headers["Consistency-Token"]) == ('"1"', f"category:{slug}:1")
    assert answer.json() == members | {name: answer.json()[name] for name in ("createdAt", "updatedAt", "version")}
    assert (await products.get(f"/categories/{slug}")).json() == answer.json()


async def test_a_post_with_a_key_creates_one(products):
    body, key = {"slug": a_slug(), "name": "Tea"}, {"Idempotency-Key": str(uuid4())}

    answers = await asyncio.gather(*(products.post("/categories", json=body, headers=key) for _ in range(5)))
    again = await products.post("/categories", json=body, headers=key)
    other = await products.post("/categories", json=body)

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert kind(other) == (409, "slug-taken")


async def test_children_are_listed_in_their_order(products):
    parent = (await a_category(products))["slug"]
    wanted = [(await a_category(products, parent=parent, position=at // 2))["slug"] for at in range(5)]
    in_order = sorted(wanted, key=lambda slug: (wanted.index(slug) // 2, slug))

    query = {"parent": parent, "limit": "3"}
    first = (await products.get("/categories", params=query)).json()
    rest = (await products.get("/categories", params=query | {"cursor": first["nextCursor"]})).json()

    assert [each["slug"] for each in [*first["items"], *rest["items"]]] == in_order
    assert rest["nextCursor"] is None


async def test_put_clears_and_patch_leaves_what_is_left_out(products):
    [parent, slug] = await a_branch(products, "Drinks", "Tea")

    moved = await products.patch(f"/categories/{slug}", json={"description": "x"}, headers={"If-Match": '"1"'})
    put = await products.put(f"/categories/{slug}", json={"name": "Teas"}, headers={"If-Match": '"2"'})
    old = await products.put(f"/categories/{slug}", json={"name": "Teas"}, headers={"If-Match": '"2"'})
    none = await products.put(f"/categories/{slug}", json={"name": "Teas"})

    assert (moved.json()["parent"], moved.json()["description"]) == (parent, "x")
    assert (put.json()["parent"], put.json()["description"], put.json()["version"]) == (None, None, 3)
    assert (old.status_code, none.status_code) == (412, 428)


@pytest.mark.parametrize("slug", ["", "Tea", "a_b", "-a", "a-", "a--b", "té", "a" * 65, "bulk", "a/b", None])
async def test_a_slug_is_words_of_small_letters_and_digits(products, slug):
    answer = await products.post("/categories", json={"slug": slug, "name": "Tea"})

    assert kind(answer) == (422, "invalid-request")


async def test_a_parent_must_exist_and_not_be_below(products):
    [root, middle, leaf] = await a_branch(products, "A", "B", "C")

    unknown = await products.post("/categories", json={"slug": a_slug(), "name": "X", "parent": "none-such"})
    itself = await patched(products, middle, parent=middle)
    below = await patched(products, root, parent=leaf)

    for answer in (unknown, itself, below):
        assert kind(answer) == (422, "invalid-parent")
        assert [each["pointer"] for each in answer.json()["errors"]] == ["#/parent"]


async def test_the_tree_has_a_depth_that_moves_keep_too(products):
    deepest = await a_branch(products, *map(str, range(MOST_DEPTH)))
    [top, *_] = await a_branch(products, "A", "B")

    one_more = await products.post("/categories", json={"slug": a_slug(), "name": "X", "parent": deepest[-1]})
    moved = await patched(products, top, parent=deepest[-2])
    fits = await patched(products, top, parent=deepest[-3])

    assert (kind(one_more), kind(moved)) == ((422, "invalid-parent"), (422, "invalid-parent"))
    assert fits.status_code == 200


async def test_there_are_not_more_than_are_supported(products, monkeypatch):
    monkeypatch.setattr(changing, "MOST_CATEGORIES", 0)

    answer = await products.post("/categories", json={"slug": a_slug(), "name": "Tea"})

    assert kind(answer) == (409, "too-many-categories")


async def test_of_two_moves_below_each_other_one_is_refused(products):
    for _ in range(10):
        one, other = (await a_category(products))["slug"], (await a_category(products))["slug"]

        answers = await asyncio.gather(patched(products, one, parent=other), patched(products, other, parent=one))

        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_category_is_deleted_once_it_is_empty(products):
    [parent, slug] = await a_branch(products, "A", "B")
    sku = await a_product(products, slug)
    urls = [f"/categories/{each}" for each in (parent, slug)]

    refused = [await products.delete(url, headers=ANY) for url in urls]
    await products.delete(f"/products/{sku}", headers=ANY)
    gone = await products.delete(urls[1], headers=ANY)
    then = await products.delete(urls[0], headers=ANY)

    assert [kind(each) for each in refused] == [(409, "category-not-empty")] * 2
    assert [each.json()["detail"].split(" has ")[1].split(";")[0] for each in refused] == ["children", "products"]
    assert (gone.status_code, gone.headers["Consistency-Token"], then.status_code) == (204, f"category:{slug}:2", 204)
    assert kind(await products.get(urls[1])) == (404, "category-not-found")


async def test_a_slug_made_again_goes_on_above_all_versions_it_had(products):
    slug, versions = a_slug(), []
    for _ in range(4):
        made = await products.post("/categories", json={"slug": slug, "name": "Tea"})
        gone = await products.delete(f"/categories/{slug}", headers=ANY)
        versions += [made.json()["version"], int(gone.headers["Consistency-Token"].rpartition(":")[2])]

    assert versions == sorted(set(versions))


@pytest.mark.parametrize("way", ["post", "put", "patch"])
async def test_categories_of_a_product_must_exist(products, way):
    known = (await a_category(products))["slug"]
    sku = await a_product(products)
    whole = {"name": "Chai", "price": "18.00", "currency": "USD", "categories": [known, "none-such"]}
    requests = {
        "post": products.post("/products", json=whole | {"sku": f"T-{uuid4().hex}"}),
        "put": products.put(f"/products/{sku}", json=whole, headers=ANY),
        "patch": products.patch(f"/products/{sku}", json={"categories": whole["categories"]}, headers=ANY),
    }

    answers = {name: await request for name, request in requests.items()}

    assert kind(answers[way]) == (422, "unknown-category")
    assert answers[way].json()["errors"] == [
        {"pointer": "#/categories/1", "detail": "category none-such does not exist"}
    ]


async def test_a_product_copies_name_and_path_and_every_change_of_them(products, mysql):
    [food, drinks, tea] = [*await a_branch(products, "Food"), *await a_branch(products, "Drinks", "Tea")]
    sku, other = await a_product(products, tea, food), await a_product(products, food)
    at_first = await copies_of(mysql, sku)

    await patched(products, tea, name="Teas")
    renamed = await copies_of(mysql, sku)
    await patched(products, drinks, parent=food)
    moved = await copies_of(mysql, sku)
    await patched(products, tea, position=3, description="x")
    product = (await products.get(f"/products/{sku}")).json()

    in_food = Category(slug=food, name="Food", path=[food])
    assert at_first == [Category(slug=tea, name="Tea", path=[drinks, tea]), in_food]
    assert renamed == [Category(slug=tea, name="Teas", path=[drinks, tea]), in_food]
    assert moved == [Category(slug=tea, name="Teas", path=[food, drinks, tea]), in_food]
    assert (product["categories"], product["version"]) == ([tea, food], 3)
    assert (await products.get(f"/products/{other}")).json()["version"] == 1
    await nothing_is_stale(mysql)


async def test_a_price_of_a_product_changes_whatever_its_categories_are(products, mysql):
    sku = await a_product(products)
    async with mysql.transaction() as tx:
        await tx.execute('UPDATE products SET categories = \'[{"name": "Gone"}]\' WHERE sku = %s', [sku])

    answer = await products.patch(f"/products/{sku}", json={"price": "19"}, headers=ANY)

    assert (answer.status_code, answer.json()["categories"]) == (200, ["gone"])
    async with mysql.transaction() as tx:
        await tx.execute("DELETE FROM products WHERE sku = %s", [sku])


async def test_a_large_change_is_finished_in_the_background(products, mysql, monkeypatch):
    monkeypatch.setattr(changing.change, "__defaults__", (3,))
    monkeypatch.setattr(copies, "CHUNK", 2)
    [drinks, tea] = await a_branch(products, "Drinks", "Tea")
    skus = await asyncio.gather(*(a_product(products, *([tea, drinks] if at % 2 else [tea])) for at in range(12)))

    answer = await patched(products, drinks, name="Beverages", parent=(await a_category(products))["slug"])

    assert answer.status_code == 200
    await eventually(lambda: nothing_is_stale(mysql))
    await eventually(lambda: nothing_is_left_to_copy(mysql))
    async with mysql.reading() as connection:
        rows = await connection.fetch_all(f"SELECT version FROM products WHERE sku IN ({placeholders(skus)})", skus)
    assert {row["version"] for row in rows} == {2}


async def test_a_move_of_many_categories_is_copied_in_the_background(products, mysql, monkeypatch):
    monkeypatch.setattr(changing, "MOST_CATEGORIES_AT_ONCE", 1)
    [drinks, tea] = await a_branch(products, "Drinks", "Tea")
    sku = await a_product(products, tea)
    above = (await a_category(products))["slug"]

    answer = await patched(products, drinks, parent=above)

    assert answer.status_code == 200
    await eventually(lambda: nothing_is_left_to_copy(mysql))
    assert [each.path for each in await copies_of(mysql, sku)] == [[above, drinks, tea]]


async def test_changes_of_categories_and_of_products_at_once_leave_no_old_copy(products, mysql):
    [one, other] = [await a_branch(products, "A", "B", "C") for _ in range(2)]
    leaves = [one[-1], other[-1]]
    skus = [await a_product(products, leaf) for leaf in leaves * 3]

    async def rename(at: int) -> None:
        await patched(products, [*one, *other][at % 6], name=f"Name {at}")

    async def move(at: int) -> None:
        await patched(products, one[1], parent=[other[1], one[0], None][at % 3])

    async def put_into(at: int) -> None:
        slugs = [[leaves[0]], leaves, [], [one[0], other[1]]][at % 4]
        await products.patch(f"/products/{skus[at % 6]}", json={"categories": slugs}, headers=ANY)

    async def price(at: int) -> None:
        await products.patch(f"/products/{skus[at % 6]}", json={"price": str(at)}, headers=ANY)

    async def make_and_delete(at: int) -> None:
        sku = await a_product(products, leaves[at % 2])
        if at % 3:
            await products.delete(f"/products/{sku}", headers=ANY)

    actions = (rename, move, put_into, price, make_and_delete)
    await asyncio.gather(*(action(at) for at in range(12) for action in actions))

    await eventually(lambda: nothing_is_stale(mysql))


async def test_a_category_is_not_deleted_from_under_a_product(products, mysql):
    for _ in range(8):
        slug, sku = (await a_category(products))["slug"], f"T-{uuid4().hex}"
        body = {"sku": sku, "name": "Chai", "price": "1", "currency": "USD", "categories": [slug]}

        gone, made = await asyncio.gather(
            products.delete(f"/categories/{slug}", headers=ANY), products.post("/products", json=body)
        )

        assert (gone.status_code, made.status_code) in [(204, 422), (409, 201)]
    await nothing_is_stale(mysql)


async def test_products_from_before_categories_were_a_tree_are_put_into_it(products, mysql):
    batch = uuid4().hex[:8]
    known = (await a_category(products, slug=f"known-{batch}", name="Known"))["slug"]
    old = [
        [{"name": f"Grains/Cereals {batch}", "description": "Breads"}],
        [{"name": f"GRAINS cereals {batch}"}, {"name": f"Known {batch}"}, {"name": f"grains-cereals-{batch}"}],
        [],
    ]
    skus = [f"OLD-{batch}-{at}" for at in range(3)]
    async with mysql.transaction() as tx:
        for sku, categories in zip(skus, old, strict=True):
            await tx.execute(
                """
                INSERT INTO products (sku, name, price, currency, categories, active, created_at, updated_at, version)
                VALUES (%s, 'Chai', 1, 'USD', %s, 1, '2026-01-01', '2026-01-01', 5)
                """,
                [sku, msgspec.json.encode(categories).decode()],
            )
        await tx.execute("INSERT INTO category_change VALUES (%s, '')", [copies.EVERY_PRODUCT])

    await eventually(lambda: nothing_is_stale(mysql))

    grains = f"grains-cereals-{batch}"
    made = (await products.get(f"/categories/{grains}")).json()
    shown = [(await products.get(f"/products/{sku}")).json() for sku in skus]
    assert (made["name"], made["description"], made["parent"]) == (f"Grains/Cereals {batch}", "Breads", None)
    assert [(each["categories"], each["version"]) for each in shown] == [([grains], 6), ([grains, known], 6), ([], 5)]
    assert (await copies_of(mysql, skus[1]))[1] == Category(slug=known, name="Known", path=[known])

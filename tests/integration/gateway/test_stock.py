"""What GraphQL says of stock: each store by itself, all stores together, and lists that read no more than they show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway import settings
from gateway.api import app
from gateway.shop.stock.statements import AGGREGATE, STOCK, STORES
from tests.support.apps import running
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel, Row

NOW = datetime.now(UTC)
FRESH, STALE = NOW + timedelta(hours=1), NOW - timedelta(minutes=5)
SKU = "seattle/a\\b é"
AVAILABILITY = "availability { status available stores freshUntil stale }"


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    await read_model.stores(
        {"store_id": "seattle", "fresh_until": FRESH},
        {"store_id": "lima", "fresh_until": FRESH + timedelta(hours=1)},
        {"store_id": "far", "fresh_until": STALE},
        {"store_id": "new", "fresh_until": None},
        {"store_id": "depot", "fresh_until": STALE, "sells_online": False},
        {"store_id": "closed", "fresh_until": FRESH, "deleted": True},
    )
    await read_model.products({"sku": SKU})
    async with running(app()) as http:
        yield http


NOTHING = {"status": "OUT_OF_STOCK", "available": 0, "stores": 0, "freshUntil": None, "stale": False}
IN = {"status": "IN_STOCK", "stale": False}
CASES: dict[str, tuple[list[Row], dict[str, Any]]] = {
    "in no store": ([], NOTHING),
    "in a store that does not sell online": ([{"store_id": "depot"}], NOTHING),
    "in a store that is not known, or was deleted": ([{"store_id": "nowhere"}, {"store_id": "closed"}], NOTHING),
    "in one": ([{"store_id": "seattle", "safety_margin": 3}], IN | {"available": 7, "stores": 1, "freshUntil": FRESH}),
    "only what is kept for the till": (
        [{"store_id": "seattle", "on_hand": 3, "safety_margin": 3}],
        NOTHING | {"freshUntil": FRESH},
    ),
    "promised already": ([{"store_id": "seattle", "committed": 4, "reserved": 7}], NOTHING | {"freshUntil": FRESH}),
    "in two, of which one is empty": (
        [{"store_id": "lima"}, {"store_id": "seattle", "on_hand": 0, "reorder_at": 5}],
        IN | {"available": 10, "stores": 1, "freshUntil": FRESH},
    ),
    "in two, low in one": (
        [{"store_id": "lima"}, {"store_id": "seattle", "on_hand": 2, "reorder_at": 5}],
        IN | {"available": 12, "stores": 2, "freshUntil": FRESH},
    ),
    "low wherever it is": (
        [{"store_id": "lima", "on_hand": 5, "reorder_at": 5}, {"store_id": "seattle", "on_hand": 0}],
        {"status": "LOW", "available": 5, "stores": 1, "freshUntil": FRESH, "stale": False},
    ),
    "in one that is stale": (
        [{"store_id": "far"}, {"store_id": "seattle"}],
        {"status": "IN_STOCK", "available": 20, "stores": 2, "freshUntil": STALE, "stale": True},
    ),
    "in one that never reported": (
        [{"store_id": "new"}, {"store_id": "seattle"}],
        {"status": "IN_STOCK", "available": 20, "stores": 2, "freshUntil": None, "stale": True},
    ),
}


async def test_the_availability_is_that_of_all_stores_that_sell_online(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    for number, (stock, _) in enumerate(CASES.values()):
        await read_model.products({"sku": f"P{number}"})
        await read_model.stock(*({**each, "sku": f"P{number}"} for each in stock))

    found = await ask(
        client,
        f"query ($skus: [String!]!) {{ productsBySku(skus: $skus) {{ {AVAILABILITY} }} }}",
        skus=[f"P{number}" for number in range(len(CASES))],
    )

    said = {name: each["availability"] for name, each in zip(CASES, found["productsBySku"], strict=True)}
    for name, (_, expected) in CASES.items():
        moment = said[name].pop("freshUntil")
        assert said[name] == {key: value for key, value in expected.items() if key != "freshUntil"}, name
        assert (moment and datetime.fromisoformat(moment)) == expected["freshUntil"], name


async def test_each_store_is_shown_by_itself(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    units = {"on_hand": 13, "unsellable": 1, "committed": 4, "reserved": 1, "safety_margin": 3}
    await read_model.stock(
        {"store_id": "seattle", "sku": SKU, **units},
        {"store_id": "far", "sku": SKU, "on_hand": 2, "reserved": 5},
        {"store_id": "lima", "sku": SKU, "deleted": True},
    )

    answer = await ask(
        client,
        """query ($sku: String!, $id: ID!) {
          product(sku: $sku) { stock { storeId available availableToPromise stale store { name } } }
          some: product(sku: $sku) { stock(stores: ["store:seattle", "nowhere"]) { id } }
          node(id: $id) { ... on Stock { sku storeId onHand product { sku } } } }""",
        sku=SKU,
        id=f"stock:seattle/{SKU}",
    )

    far, seattle = answer["product"]["stock"]
    assert far == {
        "storeId": "far",
        "available": 0,
        "availableToPromise": 0,
        "stale": True,
        "store": {"name": "Seattle"},
    }
    assert (seattle["available"], seattle["availableToPromise"], seattle["stale"]) == (7, 4, False)
    assert answer["some"]["stock"] == [{"id": f"stock:seattle/{SKU}"}]
    assert answer["node"] == {"sku": SKU, "storeId": "seattle", "onHand": 13, "product": {"sku": SKU}}


@pytest.mark.parametrize(("silent_s", "is_stale"), [(0, False), (20, False), (20.001, True)])
async def test_a_store_is_stale_after_twenty_seconds_of_silence(
    read_model: ReadModel, silent_s: float, is_stale: bool
) -> None:
    """In one transaction the clock of Postgres stands still."""
    of_sku = AGGREGATE.format(sku="'P'")
    queries = [f"SELECT stale FROM {shown} AS shown" for shown in (STORES, STOCK, f"({of_sku})")]
    own = settings.read_model()
    try:
        async with own.transaction() as tx:
            now: datetime = await tx.fetchval("SELECT now()")
            await read_model.stores({"store_id": "seattle", "fresh_until": now - timedelta(seconds=silent_s)})
            await read_model.stock({"store_id": "seattle", "sku": "P"})
            found = [await tx.fetchval(query) for query in queries]
    finally:
        await own.close()

    assert found == [is_stale] * len(queries)


PAGE = "query ($filter: StockFilter, $sort: StockSort) { stock(filter: $filter, sort: $sort) { nodes { id onHand } } }"
COUNT = "query ($filter: StockFilter) { stock(filter: $filter) { totalCount } }"
ALL_STORES = f'{{ product(sku: "SKU-1") {{ stock {{ id }} {AVAILABILITY} }} }}'


@pytest.mark.parametrize(
    ("query", "variables", "most_rows"),
    [
        (PAGE, {}, 30),
        (PAGE, {"sort": "SKU_DESC"}, 30),
        (PAGE, {"filter": {"store": "lima"}}, 30),
        (PAGE, {"filter": {"sku": "SKU-7"}, "sort": "AVAILABLE_ASC"}, 10),
        (PAGE, {"filter": {"belowReorder": True}}, 60),
        (PAGE, {"filter": {"belowReorder": True, "store": "seattle"}, "sort": "AVAILABLE_DESC"}, 60),
        (COUNT, {"filter": {"belowReorder": True}}, 60),
        (ALL_STORES, {}, 30),
    ],
)
async def test_a_list_reads_little_more_than_it_shows(
    client: httpx.AsyncClient,
    read_model: ReadModel,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    variables: Row,
    most_rows: int,
) -> None:
    await read_model.much_stock()

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, query, **variables)
    read = await reading(statements)

    assert read.scanned <= ({"store"} if query == ALL_STORES else set()), "stores are not read unless they are shown"
    assert read.rows <= most_rows, read

"""A compiled operation answers what Strawberry's executor answers, and leaves the rest to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from gateway import settings
from gateway.compiled import roots
from gateway.schema import schema
from gateway.shop.orders.inputs import OrderSort
from tests.support.gateway.both_paths import NOON, BothPaths, Shop, shop
from tests.support.gateway.operations import Values, made, made_of_aliases
from tests.support.views.read_model import empty_read_model

MADE = 600
MALFORMED = ["", "x", "product:", "product:A\x00", "0197b1a4", "product:product:CHAI", "category:", UUID(int=0).hex]
ROOTS = ["order", "orders", "orders", "customer", "customers", "product", "productsBySku", "node"]
ROOTS += ["deliveryDay"]
ROOTS += ["category", "categories", "store", "stores", "stock", "stock", "shipment", "shipments", "shipments"]
ROOTS += ["return", "returns", "returns"]
STORES = ["seattle", "store:lima", "lima-2", "new", "depot", "gone", "nowhere", "store:", ""]


@pytest.fixture
async def known() -> AsyncIterator[Shop]:
    async with empty_read_model() as rows:
        yield await shop(rows)


@pytest.fixture
async def paths() -> AsyncIterator[BothPaths]:
    both = BothPaths(settings.read_model())
    yield both
    await both.close()


def values_of(known: Shop) -> Values:
    ids = [
        str(each)
        for each in (*known.orders, *known.customers, *known.addresses, *known.shipments, *known.returns, uuid4())
    ]
    skus = [*known.skus, "NONE", "  CHAI ", "", "A\x00"]
    nodes = [*(f"product:{sku}" for sku in known.skus), *(f"stock:seattle/{sku}" for sku in known.skus), *STORES]
    return {
        "customerId": [*(str(each) for each in known.customers), "x"],
        "ID": [*ids, *nodes, "stock:lima/lima/A\\B", "category:hot", "category:gone", *MALFORMED],
        "orderId": [*(str(each) for each in known.orders), "x"],
        "location": [*STORES, "main"],
        "depot": ["main", "lima", "gone", "nowhere", "", "\0"],
        "date": ["2026-02-02", "2026-02-03"],
        "store": STORES,
        "stores": STORES,
        "Boolean": [True, False],
        "sku": skus,
        "skus": skus,
        "slug": ["drinks", "hot", "cold", "iced-tea", "orphan", "gone", "x", ""],
        "number": ["1001", " 1002 ", "01003", "x", "9" * 30],
        "externalId": ["3", "17", "x"],
        "source": ["erp", "none"],
        "DateTime": [NOON.isoformat(), "1996-07-04T07:00:00.200500-05:00", "2030-01-01T00:00:00Z"],
        "Decimal": ["0", "1.05", "2.0050", "99999"],
        "currency": ["USD", "jpy", "EUR"],
        "country": ["PE", "cl", "AR"],
        "name": ["ana", "O'NEILL", "ÜNÏ", "☃", "trujillo"],
        "email": ["ana@example.com", "nobody@example.com"],
        "Int": [1, 2, 3, 5, 7],
        "after": [None],
        "before": [None],
    }


async def test_operations_made_at_random_are_answered_alike(known: Shop, paths: BothPaths) -> None:
    values, compiled_ones = values_of(known), 0

    for seed in range(MADE):
        query, variables = made(schema._schema, values, ROOTS, seed)
        executed = await paths.executed(query, variables)
        compiled = await paths.compiled(query, variables)
        if executed.errors is not None:
            assert compiled is None, (seed, query, executed.errors)
            continue
        if compiled is not None:
            assert orjson.dumps(compiled) == orjson.dumps(executed.data), (seed, query, variables)
            compiled_ones += 1

    assert compiled_ones > MADE * 0.9


async def test_equal_fields_under_many_aliases_are_answered_alike(
    known: Shop, paths: BothPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "MAX_SQL", 8000)  # so that many are more than one statement
    values, split_ones, of_the_executor = values_of(known), 0, 0

    for seed in range(MADE // 3):
        query, variables = made_of_aliases(schema._schema, values, ROOTS, seed)
        executed = await paths.executed(query, variables)
        compiled = await paths.compiled(query, variables)
        if executed.errors is not None:
            assert compiled is None, (seed, query, executed.errors)
        elif compiled is None:
            of_the_executor += 1
        else:
            assert orjson.dumps(compiled) == orjson.dumps(executed.data), (seed, query, variables)
            split = paths.query(query, variables)
            split_ones += split is not None and bool(split.members)

    assert split_ones > MADE / 30
    assert of_the_executor > MADE / 60


OPERATIONS = [
    "{ orders { nodes { lines { amount { currency } } } } shipments { nodes { order { lines { __typename } } } } }",
    "{ __typename }",
    "{ a: __typename b: __typename }",
    "{ orders { totalCount } }",
    "{ orders { __typename pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } } }",
    '{ orders(filter: {sku: "NONE"}) { edges { cursor } nodes { id } pageInfo { startCursor hasNextPage } } }',
    "{ orders(first: 3) { nodes { id } nodes { total { amount } } ...More } } "
    "fragment More on OrderConnection { nodes { total { currency } lines { sku } } edges { node { id } } }",
    "query ($yes: Boolean = true, $no: Boolean!) { orders(first: 2) @skip(if: $yes) { totalCount } "
    "customers(first: 2) @include(if: $no) { totalCount } __typename }",
    "query ($first: Int = 2, $filter: OrderFilter = {status: SHIPPED}) "
    "{ orders(first: $first, filter: $filter) { nodes { id status } } }",
    "query ($unset: Int) { orders(first: $unset, last: $unset) { nodes { id } } }",
    "query ($unset: OrderSort = TOTAL_ASC) { orders(sort: $unset) { nodes { id total { amount } } } }",
    "query ($unset: ID) { orders(filter: {customerId: $unset, status: PLACED}) { nodes { id } } }",
    'query ($sku: String! = "CHAI") { product(sku: $sku) { id name ... on Node { id } ... on Product { sku } } }',
    "{ orders(last: 2) { pageInfo { hasNextPage hasPreviousPage } nodes { placedAt } } }",
    "{ customers { nodes { createdAt addresses { createdAt latitude longitude } orders(last: 1, sort: TOTAL_DESC) "
    "{ totalCount pageInfo { hasPreviousPage } edges { cursor node { total { amount currency __typename } } } } } } }",
    "{ orders { nodes { lines { discount product { categories { name description __typename } length } "
    "deliveryAddress { street city latitude __typename } } } } }",
    "{}",
    "{ ... {} }",
    "{ ... {} orders {} }",
    "{ orders(first: 2) { edges {} nodes { ... {} } pageInfo {} } customers(first: 1) { nodes { addresses {} } } }",
    "mutation { nothing }",
    "{ __schema { queryType { name } } }",
    "{ orders(first: 500) { nodes { id } } }",
    "{ orders(first: 5, last: 5) { nodes { id } } }",
    '{ orders(after: "x") { nodes { id } } }',
    '{ orders(filter: {country: "Peru"}) { nodes { id } } }',
    '{ product(sku: "") { sku } node(id: "x") { id } order(id: "") { id } customer(id: "0197b1a4") { id } }',
    '{ orders(filter: {ids: ["x"]}) { nodes { id } } customers(filter: {ids: ["x", ""]}) { totalCount } }',
    "{ orders(filter: {ids: []}) { totalCount } }",
    "{ orders(filter: {status: []}) { totalCount } }",
    '{ orders(filter: {source: "erp"}) { totalCount } }',
    "{ orders(filter: {status: [PLACED, SHIPPED, PLACED]}, first: 5) { totalCount edges { cursor node { status } } } }",
    "{ orders(filter: {status: [PLACED, CANCELLED], currency: null}, sort: PLACED_AT_ASC, last: 3) "
    "{ nodes { status history { status at reason } allowedTransitions } pageInfo { hasPreviousPage } } }",
    '{ productsBySku(skus: ["CHAI", "NONE", "", "YEN", "CHAI", "GONE"]) { sku price { amount } categories { name } } }',
    "{ productsBySku(skus: []) { sku } }",
    '{ product(sku: "CHAI") { categories { id slug name __typename } } }',
    '{ product(sku: "CHAI") { categories { slug description version parent { slug } } } }',
    '{ category(slug: "iced-tea") { id parent { name parent { slug children { slug } } } ancestors { slug name } } }',
    '{ category(slug: "orphan") { parent { slug } ancestors { slug } children { slug } } }',
    "{ categories(first: 2) { totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }",
    "{ categories(filter: {isRoot: true}) { totalCount nodes { slug ancestors { slug } children { slug } } } }",
    "{ categories(filter: {isRoot: false}, last: 2) { totalCount edges { cursor node { slug } } } }",
    'query ($sku: String! = "YEN") { productsBySku(skus: ["CHAI", $sku]) { sku version createdAt } }',
    'query ($skus: [String!]! = "YEN") { productsBySku(skus: $skus) { sku } }',
    "{ productsBySku(skus: [" + '"A",' * 101 + "]) { sku } }",
    "{ orders(first: null, after: null, filter: null, sort: null) { nodes { id } } }",
    "{ orders { nodes { id sourcing { status reason lines { sku quantity backordered parts { quantity state store { id "
    "name stale } } line { sku amount { amount currency } product { name availability { status } } deliveryAddress { "
    "street } } } } } } }",
    "{ orders { nodes { sourcing { lines { orderLineId parts { storeId } } } } } }",
    '{ productsBySku(skus: ["CHAI", "Ñ-1", "YEN", "lima/A\\\\B", "NONE"]) { sku stock { id storeId onHand available '
    "availableToPromise stale store { name } } availability { status available stores expectedAt freshUntil stale } "
    "} }",
    '{ product(sku: "CHAI") { stock(stores: ["lima", "store:seattle", "", "nowhere"]) { id product { sku } } } }',
    '{ product(sku: "CHAI") { stock(stores: []) { id } } }',
    '{ product(sku: "CHAI") { stock(stores: [' + '"lima",' * 101 + "]) { id } } }",
    'query ($stores: [ID!] = ["lima"]) { product(sku: "CHAI") { stock(stores: $stores) { id } } }',
    "{ stock(filter: {belowReorder: true}) { totalCount nodes { id } } }",
    "{ stock(filter: {belowReorder: true}, sort: AVAILABLE_ASC) { nodes { id available } } }",
    "{ stock(sort: AVAILABLE_ASC) { nodes { id } } }",
    "{ stock(filter: {belowReorder: false}, sort: AVAILABLE_DESC) { nodes { id } } }",
    "{ stores { totalCount nodes { id name latitude freshUntil stale } pageInfo { endCursor } } }",
    '{ store(id: "store:lima") { name stale version } other: store(id: "gone") { name } }',
    "{ shipments(first: 40) { totalCount nodes { id orderId customerId status location carrier attempts reason "
    "receivedBy plannedAt deliveredAt updatedAt version lines { orderLineId lineNumber sku quantity product { name } } "
    "parcels { parcelId weight carrier trackingNumber trackingUrl } tracking { eventId code at parcelId city country } "
    "deliveryAddress { street city latitude } store { id name } order { number fulfilment } } } }",
    "{ shipments(filter: {status: [DELIVERED, PLANNED]}, sort: PLANNED_AT_ASC, first: 4) { totalCount edges { cursor "
    "node { status plannedAt } } pageInfo { endCursor hasNextPage } } }",
    '{ shipments(filter: {location: "store:seattle", status: [DELIVERED]}) { nodes { id tracking(last: 3) { at } } } }',
    "{ shipments(filter: {status: [UNKNOWN]}) { nodes { id } } }",
    "{ shipments(filter: {status: []}) { nodes { id } } }",
    "{ shipments { nodes { tracking(last: 0) { at } } } }",
    "{ shipments { nodes { tracking(last: 51) { at } } } }",
    "query ($last: Int = 51) { shipments { nodes { tracking(last: $last) { at } } } }",
    "query ($last: Int = 2) { shipments { nodes { tracking(last: $last) { at } all: tracking(last: null) { at } } } }",
    "{ orders(first: 30) { nodes { id status fulfilment shipments { status lines { quantity product { sku } } "
    "tracking(last: 1) { at } deliveryAddress { city } order { id } } } } }",
    '{ deliveryDay(depot: "main", date: "2026-02-02") { depot date zone opens closes parallelDeliveries vans '
    "deliveries { id status window { depot day from to zone van } order { id } } } }",
    '{ deliveryDay(depot: "main", date: "2.2.2026") { vans } }',
    "{ shipments(first: 40) { nodes { id window { day from to } order { shipments { window { van } } } } } }",
    '{ shipment(id: "x") { id } node(id: "x") { ... on Shipment { id } } }',
    "{ returns(first: 40) { totalCount nodes { id orderId customerId status origin rmaNumber location reason "
    "refund { amount currency } refundedFreight { currency amount } refundReference requestedAt refundedAt updatedAt "
    "version lines { orderLineId lineNumber sku quantity reason sellable damaged refund { amount currency } "
    "product { name } } order { number fulfilment } shipment { status } } } }",
    "{ returns(filter: {status: [REFUNDED, REQUESTED]}, sort: REQUESTED_AT_ASC, first: 4) { totalCount edges { cursor "
    "node { status requestedAt } } pageInfo { endCursor hasNextPage } } }",
    "{ returns(filter: {status: [UNKNOWN]}) { nodes { id } } }",
    "{ returns(filter: {ids: []}) { nodes { id } } }",
    "{ orders(first: 30) { nodes { lines { amount { currency } } } } }",
    "{ orders(first: 30) { nodes { lines { __typename } } } }",
    "{ orders(first: 30) { nodes { id fulfilment returns { status lines { refund { amount } } order { id } } } } }",
    '{ return(id: "x") { id } node(id: "x") { ... on Return { id } } }',
    '{ node(id: "stock:lima/lima/A\\\\B") { id ... on Stock { sku storeId version product { name } } } }',
]


@pytest.mark.parametrize("query", OPERATIONS)
async def test_these_operations_are_answered_alike(known: Shop, paths: BothPaths, query: str) -> None:
    variables: dict[str, Any] = {"no": False}

    executed = await paths.executed(query, variables)
    compiled = await paths.compiled(query, variables)

    if executed.errors:
        assert compiled is None
    elif compiled is None:
        assert executed.data is not None
        assert "__schema" in query or executed.data.keys() <= {"__typename", "a", "b"}, "nothing of the database"
    else:
        assert compiled == executed.data


async def test_a_list_is_read_by_cursors_of_either_path(known: Shop, paths: BothPaths) -> None:
    page = """query ($after: String, $before: String, $sort: OrderSort!) {
      orders(first: 4, after: $after, before: $before, sort: $sort) {
        edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""

    for sort in OrderSort.__members__:
        seen, cursors = [], dict[str, Any]()
        while cursors.get("more", True):
            variables = {"after": cursors.get("end"), "sort": sort}
            compiled = await paths.compiled(page, variables)
            executed = await paths.executed(page, variables)
            assert compiled == executed.data
            info = compiled["orders"]["pageInfo"]
            seen += [edge["node"]["id"] for edge in compiled["orders"]["edges"]]
            cursors = {"end": info["endCursor"], "more": info["hasNextPage"]}
        assert len(seen) == len(set(seen)) == 23


async def test_categories_are_read_by_cursors_of_either_path(known: Shop, paths: BothPaths) -> None:
    page = """query ($after: String) { categories(first: 2, after: $after) {
      edges { cursor node { slug } } pageInfo { hasNextPage endCursor } } }"""
    seen, after, more = [], None, True

    while more:
        compiled = await paths.compiled(page, {"after": after})
        assert compiled == (await paths.executed(page, {"after": after})).data
        seen += [edge["node"]["slug"] for edge in compiled["categories"]["edges"]]
        after, more = (compiled["categories"]["pageInfo"][name] for name in ("endCursor", "hasNextPage"))

    assert seen == ["first", "iced-tea", "orphan", "drinks", "cold", "hot"]


@pytest.mark.parametrize("sort", ["SKU_ASC", "SKU_DESC", "AVAILABLE_ASC", "AVAILABLE_DESC"])
async def test_stock_is_read_by_cursors_of_either_path(known: Shop, paths: BothPaths, sort: str) -> None:
    page = """query ($after: String, $sort: StockSort!, $filter: StockFilter) {
      stock(first: 2, after: $after, sort: $sort, filter: $filter) {
        totalCount edges { cursor node { id sku available } } pageInfo { hasNextPage endCursor } } }"""
    given = {"sort": sort, "filter": {"store": "seattle"} if "AVAILABLE" in sort else {}}
    seen: list[tuple[str, int]] = []
    after, more = None, True

    while more:
        compiled = await paths.compiled(page, {**given, "after": after})
        assert compiled == (await paths.executed(page, {**given, "after": after})).data
        seen += [(edge["node"]["sku"], edge["node"]["available"]) for edge in compiled["stock"]["edges"]]
        after, more = (compiled["stock"]["pageInfo"][name] for name in ("endCursor", "hasNextPage"))

    assert len(seen) == compiled["stock"]["totalCount"] > 3
    keys = [available if "AVAILABLE" in sort else sku.encode() for sku, available in seen]
    assert keys == sorted(keys, reverse=sort.endswith("DESC"))


async def test_fields_in_a_row_have_the_order_in_which_they_were_asked(known: Shop, paths: BothPaths) -> None:
    query = "{ b: __typename orders(first: 1) { totalCount nodes { status id } } a: __typename }"

    compiled = await paths.compiled(query, {})

    assert list(compiled) == ["b", "orders", "a"]
    assert list(compiled["orders"]) == ["totalCount", "nodes"]
    assert list(compiled["orders"]["nodes"][0]) == ["status", "id"]

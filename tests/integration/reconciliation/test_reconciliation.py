"""Whatever somebody spoils in a view is found and named, each row once, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

import orders.settings
from contracts.customers import CUSTOMER
from contracts.digests import digest
from contracts.inventory.availability import SkuAvailabilityRow
from contracts.products import PRODUCTS, SEARCH_INDEX, StockedProduct
from products.indexing import indices, search
from reconciliation import comparing, ranges, recheck, watch
from reconciliation.comparing import Comparison, compare
from reconciliation.databases import READ_MODEL, REPLICA, SEARCH, Databases, open_databases
from reconciliation.emission import raise_lines
from reconciliation.rows import Difference, DifferenceKind, Range
from reconciliation.tables import OF_ORDER, TABLES
from search.documents import document
from tests.support.shop.rows import (
    WINDOW,
    a_category,
    a_customer,
    a_depot,
    a_line,
    a_policy,
    a_restock,
    a_return_row,
    a_shipment_row,
    a_sourcing,
    a_store,
    an_address,
    an_availability,
    an_order,
)
from tests.support.shop.small_shop import a_product
from tests.support.views import everywhere
from tests.support.views.both_sides import BothSides

MARIA = a_customer(name="Marı́a, “|”", company="10:-|", phone=None)
HOME = an_address(customer_id=MARIA.customer_id)
CATEGORIES = '[{"name": "Tés \\"y\\" más\\n", "description": null}]'
CHAI = a_product("CHAI", price=Decimal("18.0000"), weight=Decimal("0.500"), categories=CATEGORIES)
CHANG = a_product("chang-2.a_B", price=Decimal("0.0000"), categories="[]", description="x" * 300)
ORDER = an_order(
    customer_id=MARIA.customer_id,
    line_count=2,
    subtotal=Decimal("54.0000"),
    freight=Decimal("0.0000"),
    external_id="Ä-1",
)
EXACT = {"unit_price": Decimal("18.0000"), "discount": Decimal("0.1500"), "amount": Decimal("45.9000")}
LINES = [a_line(ORDER, number, **EXACT) for number in (1, 2)]
TEA = a_category("tea", name="Tés “|”", description="x\ny", parent_slug="drinks", position=-3)
SEATTLE = a_store(name="Seattle “|”", region=None)
STOCK = an_availability("seattle", 'é/"CHAI\\', reorder_at=5)
SOURCING = a_sourcing(LINES[0], reason="out of “|”")
SHELVES = SkuAvailabilityRow(sku="CHAI", available_at='["lima", "seattle"]', version=4)
RESTOCK = a_restock('é/"CHAI\\', status="received", added=28, refused=2, received_at=STOCK.updated_at)
POLICY = a_policy('*/é/"CHAI\\')
SHIPMENT = a_shipment_row(*LINES, received_by="Marı́a, “|”", region=None, **WINDOW)
DEPOT = a_depot(name="Zürich “|”")
RETURN = a_return_row(LINES[0], shipment_id=SHIPMENT.shipment_id)
ROWS = [
    MARIA,
    HOME,
    TEA,
    CHAI,
    CHANG,
    ORDER,
    *LINES,
    SEATTLE,
    STOCK,
    SOURCING,
    RESTOCK,
    POLICY,
    SHIPMENT,
    RETURN,
    DEPOT,
]


async def compared(databases: Databases, wait_s: float = 0) -> dict[str, Comparison]:
    return {
        name: await compare(name, databases.source(table), databases.views(table), wait_s)
        for name, table in TABLES.items()
    }


async def found(databases: Databases, wait_s: float = 0) -> list[Difference]:
    return [difference for each in (await compared(databases, wait_s)).values() for difference in each.differences]


async def test_every_database_computes_the_same_digest(sides, databases):
    every = [*ROWS, SHELVES]
    await sides.put(*every)

    orders = TABLES["order"]
    [shown] = databases.views(orders)
    assert await shown.digest(Range()) == await databases.source(orders).digest(Range())
    for table in [table for table in TABLES.values() if table.lines is None]:
        for store in (databases.source(table), *databases.views(table, frozenset({READ_MODEL, SEARCH}))):
            rows = [row for row in every if isinstance(row, table.topic.message)]
            if "availability_version" in store.columns:
                rows = [StockedProduct.of(CHAI, SHELVES.available_at, SHELVES.version), StockedProduct.of(CHANG)]
            assert (await store.digest(Range())).total == sum(map(digest, rows)), (table.name, store.name)
        for view in databases.views(table, frozenset({REPLICA})):
            there = await view.digest(Range())
            assert there == await databases.source(table).digest_of(Range(), view.columns), view.name
            assert (there.rows, there.total > 0) == (
                len([r for r in every if isinstance(r, table.topic.message)]),
                True,
            )


async def test_the_stock_of_a_document_is_compared(sides, databases):
    await sides.put(CHAI, CHANG, SHELVES)
    await sides.in_mysql("inventory", "UPDATE sku_availability SET available_at = '[]', version = 5 WHERE sku = 'CHAI'")
    in_replica = await found(databases)
    await sides.in_mysql("products", "UPDATE replica_sku_availability SET available_at = '[]', version = 5")
    in_search = await found(databases)
    await sides.put_into_views(msgspec.structs.replace(SHELVES, available_at="[]", version=6))

    assert [(each.view, each.key, each.fault) for each in in_replica] == [
        ("replica_sku_availability", "CHAI", DifferenceKind.STALE)
    ]
    [of_document] = in_search
    assert (of_document.view, of_document.key) == ("search", "CHAI")
    assert {"available_at", "in_stock", "availability_version"} <= {*of_document.columns}


async def test_what_is_equal_everywhere_has_no_differences(sides, databases):
    await sides.put(*ROWS, msgspec.structs.replace(a_product("GONE", price=Decimal("1.0000"))))
    await sides.in_mysql("products", "DELETE FROM products WHERE sku = 'GONE'")
    await sides.put_into_views(a_product("GONE", is_deleted=True))

    comparisons = await compared(databases)

    assert [each.differences for each in comparisons.values()] == [[]] * len(TABLES)
    assert comparisons["products"].rows == {"MySQL": 2, "product": 2, "search": 2, "replica_product": 2}
    assert comparisons["category"].rows == {"MySQL": 1, "category": 1}
    assert comparisons["order"].rows == {"MySQL": 1, "sales_order": 1}


async def test_orders_are_compared_with_their_current_lines(sides, databases):
    changed = msgspec.structs.replace(ORDER, version=2, lines_version=2, line_count=1)
    current = [a_line(changed, 1, lines_version=2, **EXACT)]
    by_hand = msgspec.structs.replace(LINES[1], is_deleted=True)
    other = an_order(customer_id=MARIA.customer_id, line_count=2)
    of_other = [a_line(other, number, **EXACT) for number in (1, 2)]
    await sides.put_into_mysql(changed, *LINES, *current, other, of_other[0])
    await sides.put_into_views(ORDER, *LINES, by_hand, changed, *current, other, *of_other)
    await sides.put_into_views(msgspec.structs.replace(of_other[1], is_deleted=True))

    assert [(each.key, each.columns) for each in await found(databases)] == []


async def test_a_waiting_order_is_a_difference_until_it_is_whole(sides, databases):
    await sides.put_into_mysql(ORDER, *LINES)
    await sides.put_into_views(ORDER, LINES[0])

    waiting = await found(databases)
    comparing = asyncio.create_task(compared(databases, wait_s=120))
    await asyncio.sleep(0)
    await sides.put_into_views(LINES[1])

    assert [(each.key, each.fault) for each in waiting] == [(str(ORDER.order_id), DifferenceKind.MISSING)]
    assert (await comparing)["order"].differences == []


async def test_orders_are_found_among_many_ranges(sides, databases, monkeypatch):
    monkeypatch.setattr(ranges, "FIRST_ROWS", 64)
    monkeypatch.setattr(ranges, "FEW_ROWS", 4)
    many = [an_order(customer_id=MARIA.customer_id, line_count=1) for _ in range(200)]
    await sides.put(*many, *(a_line(order, 1, **EXACT) for order in many))
    gone, spoilt = many[7].order_id, many[150].order_id
    await sides.in_read_model("DELETE FROM sales_order WHERE order_id = $1", gone)
    await sides.in_read_model("UPDATE sales_order SET lines[1].amount = 1 WHERE order_id = $1", spoilt)

    named = {(each.key, each.fault, each.columns) for each in await found(databases)}

    assert named == {
        (str(gone), DifferenceKind.MISSING, ()),
        (str(spoilt), DifferenceKind.DIFFERS, ("lines",)),
    }


async def test_a_repair_raises_all_current_lines_of_an_order_above_those_of_a_view(sides, databases):
    former = a_line(ORDER, 1, lines_version=0, **EXACT)
    await sides.put_into_mysql(ORDER, former, *LINES)
    database, table = orders.settings.database(), TABLES["order"]
    assert table.lines is not None

    async with database.transaction() as tx:
        await raise_lines(tx, table, table.lines, str(ORDER.order_id), 7)
        rows = await tx.fetch_all("SELECT order_detail_id, version FROM order_detail")
    await database.close()

    assert {row["order_detail_id"]: row["version"] for row in rows} == {
        str(former.order_detail_id): 1,
        **{str(line.order_detail_id): 8 for line in LINES},
    }


ODD = ["\\", '"', "'", "\\n", "\\u00e9", "null", "é", "中", "😀", "🇲🇽", " ", "ı́", "/", "true", "1", "%", "\u2028"]


async def test_odd_texts_are_the_same_everywhere(sides, databases):
    await sides.put(
        *[a_product(f"P{number}", name=text, price=Decimal("1.0000")) for number, text in enumerate(ODD)],
        MARIA,
        *[
            an_address(customer_id=MARIA.customer_id, street=text, city=text * 20, reference=f"a {text} b {text}")
            for text in ODD
        ],
        an_address(
            customer_id=MARIA.customer_id, street="x", latitude=Decimal("-0.000001"), longitude=Decimal("179.123400")
        ),
    )

    differences = await found(databases)

    assert [(each.view, each.key, each.columns) for each in differences] == []


Spoil = Callable[[BothSides], Awaitable[None]]


def in_read_model(sql: str, *values: object) -> Spoil:
    return lambda sides: sides.in_read_model(sql, *values)


def in_mysql(database: str, sql: str, *values: object) -> Spoil:
    return lambda sides: sides.in_mysql(database, sql, *values)


async def a_document_is_deleted(sides: BothSides) -> None:
    await sides.elasticsearch.delete(index=SEARCH_INDEX, id="CHAI", refresh=True)


async def a_document_is_updated(sides: BothSides) -> None:
    await sides.elasticsearch.update(index=SEARCH_INDEX, id="CHAI", doc={"name": "Tea"}, refresh=True)


async def a_document_is_written_at_its_own_version(sides: BothSides) -> None:
    body = (await sides.elasticsearch.get(index=SEARCH_INDEX, id="CHAI"))["_source"]
    body = {name: value for name, value in body.items() if not name.startswith("digest")} | {"name": "Tea"}
    await sides.elasticsearch.index(
        index=SEARCH_INDEX, id="CHAI", document=body, version=1, version_type="external_gte", refresh=True
    )


async def a_document_is_invented(sides: BothSides) -> None:
    body = {"sku": "GHOST", "name": "Ghost", "deleted": False}
    await sides.elasticsearch.index(index=SEARCH_INDEX, id="GHOST", document=body, refresh=True)


async def a_document_is_invented_beside_another(sides: BothSides) -> None:
    body = (await sides.elasticsearch.get(index=SEARCH_INDEX, id="CHAI"))["_source"]
    await sides.elasticsearch.index(index=SEARCH_INDEX, id="GHOST", document=body, refresh=True)


async def a_document_without_a_sku_is_invented(sides: BothSides) -> None:
    body = {"name": "Ghost", "deleted": False}
    await sides.elasticsearch.index(index=SEARCH_INDEX, id="GHOST", document=body, refresh=True)


async def a_document_is_marked_as_deleted(sides: BothSides) -> None:
    await sides.elasticsearch.update(index=SEARCH_INDEX, id="CHAI", doc={"deleted": True}, refresh=True)


GHOST = UUID(int=7)
COLUMNS = ", ".join([*TABLES["order"].columns, "deleted", "lines", "skus", "countries"])
COPY_ORDER = f"""
INSERT INTO sales_order ({COLUMNS})
SELECT {COLUMNS} FROM (SELECT (jsonb_populate_record(o, '{{"order_id": "{GHOST}"}}')).* FROM sales_order AS o) AS copies
"""


def an_order_differs(
    sql: str, *columns: str
) -> tuple[Spoil, list[tuple[str, str, str, DifferenceKind, tuple[str, ...]]]]:
    """A case in which the order is spoilt in the read model."""
    return in_read_model(sql), [("order", "sales_order", str(ORDER.order_id), DifferenceKind.DIFFERS, columns)]


CASES: dict[str, tuple[Spoil, list[tuple[str, str, str, DifferenceKind, tuple[str, ...]]]]] = {
    "a customer's name is changed": (
        in_read_model("UPDATE customer SET name = 'Mary'"),
        [("customer", "customer", str(MARIA.customer_id), DifferenceKind.DIFFERS, ("name",))],
    ),
    "a text becomes NULL": (
        in_read_model("UPDATE customer SET company = NULL"),
        [("customer", "customer", str(MARIA.customer_id), DifferenceKind.DIFFERS, ("company",))],
    ),
    "a truth is turned": (
        in_read_model("UPDATE customer SET active = NOT active"),
        [("customer", "customer", str(MARIA.customer_id), DifferenceKind.DIFFERS, ("active",))],
    ),
    "a customer is marked as deleted": (
        in_read_model("UPDATE customer SET deleted = true"),
        [("customer", "customer", str(MARIA.customer_id), DifferenceKind.MISSING, ())],
    ),
    "an address moves by a millionth of a degree": (
        in_read_model("UPDATE address SET latitude = latitude + 0.000001"),
        [("address", "address", str(HOME.address_id), DifferenceKind.DIFFERS, ("latitude",))],
    ),
    "an address is deleted": (
        in_read_model("DELETE FROM address"),
        [("address", "address", str(HOME.address_id), DifferenceKind.MISSING, ())],
    ),
    "a time is a microsecond later": (
        in_read_model("UPDATE product SET created_at = created_at + interval '1 microsecond' WHERE sku = 'CHAI'"),
        [("products", "product", "CHAI", DifferenceKind.DIFFERS, ("created_at",))],
    ),
    "a product's place is renamed": (
        in_read_model("UPDATE product SET categories = '[{\"name\": \"Tea\"}]' WHERE sku = 'CHAI'"),
        [("products", "product", "CHAI", DifferenceKind.DIFFERS, ("categories",))],
    ),
    "a price is changed in MySQL and its version is not": (
        in_mysql("products", "UPDATE products SET price = 17 WHERE sku = 'CHAI'"),
        [
            ("products", "product", "CHAI", DifferenceKind.DIFFERS, ("price",)),
            ("products", "search", "CHAI", DifferenceKind.DIFFERS, ("digest_high", "digest_low", "price")),
            ("products", "replica_product", "CHAI", DifferenceKind.DIFFERS, ("price",)),
        ],
    ),
    "a change of MySQL has not come": (
        in_mysql("products", "UPDATE products SET price = 17, version = 2 WHERE sku = 'CHAI'"),
        [
            ("products", "product", "CHAI", DifferenceKind.STALE, ()),
            ("products", "search", "CHAI", DifferenceKind.STALE, ()),
            ("products", "replica_product", "CHAI", DifferenceKind.STALE, ()),
        ],
    ),
    "a view is ahead of MySQL": (
        in_read_model("UPDATE product SET version = 9 WHERE sku = 'CHAI'"),
        [("products", "product", "CHAI", DifferenceKind.DIFFERS, ("version",))],
    ),
    "a deletion has not come": (
        in_mysql("products", "DELETE FROM products WHERE sku = 'CHAI'"),
        [
            ("products", "product", "CHAI", DifferenceKind.UNEXPECTED, ()),
            ("products", "search", "CHAI", DifferenceKind.UNEXPECTED, ()),
            ("products", "replica_product", "CHAI", DifferenceKind.UNEXPECTED, ()),
        ],
    ),
    "a customer stays in the replica": (
        in_mysql("orders", "UPDATE replica_customer SET version = 9, active = 0"),
        [("customer", "replica_customer", str(MARIA.customer_id), DifferenceKind.DIFFERS, ("active", "version"))],
    ),
    "an address moves in the replica": (
        in_mysql("orders", "UPDATE replica_address SET details = JSON_SET(details, '$.latitude', '1.000000')"),
        [("address", "replica_address", str(HOME.address_id), DifferenceKind.DIFFERS, ("latitude",))],
    ),
    "an address loses a part in the replica": (
        in_mysql("orders", "UPDATE replica_address SET details = JSON_SET(details, '$.street', NULL)"),
        [("address", "replica_address", str(HOME.address_id), DifferenceKind.DIFFERS, ("street",))],
    ),
    "a product is lost by the replica": (
        in_mysql("orders", "DELETE FROM replica_product WHERE sku = 'CHAI'"),
        [("products", "replica_product", "CHAI", DifferenceKind.MISSING, ())],
    ),
    "a sourcing is lost by the replica": (
        in_mysql("orders", "DELETE FROM replica_sourcing"),
        [("sourcing", "replica_sourcing", str(ORDER.order_id), DifferenceKind.MISSING, ())],
    ),
    "a person who is gone stays in every view": (
        in_mysql("customers", "DELETE FROM address"),
        [
            ("address", "address", str(HOME.address_id), DifferenceKind.UNEXPECTED, ()),
            ("address", "replica_address", str(HOME.address_id), DifferenceKind.UNEXPECTED, ()),
        ],
    ),
    "a document is deleted": (a_document_is_deleted, [("products", "search", "CHAI", DifferenceKind.MISSING, ())]),
    "a document is updated": (
        a_document_is_updated,
        [("products", "search", "CHAI", DifferenceKind.DIFFERS, ("_version", "name"))],
    ),
    "a document is written at its own version": (
        a_document_is_written_at_its_own_version,
        [("products", "search", "CHAI", DifferenceKind.DIFFERS, ("digest_high", "digest_low", "name"))],
    ),
    "a document is marked as deleted": (
        a_document_is_marked_as_deleted,
        [("products", "search", "CHAI", DifferenceKind.MISSING, ())],
    ),
    "a document is invented": (
        a_document_is_invented,
        [("products", "search", "GHOST", DifferenceKind.UNEXPECTED, ())],
    ),
    "a document is invented beside another": (
        a_document_is_invented_beside_another,
        [("products", "search", "GHOST", DifferenceKind.UNEXPECTED, ())],
    ),
    "a document without a SKU is invented": (
        a_document_without_a_sku_is_invented,
        [("products", "search", "GHOST", DifferenceKind.UNEXPECTED, ())],
    ),
    "an order has another subtotal": an_order_differs(
        "UPDATE sales_order SET subtotal = subtotal + 0.0001", "subtotal"
    ),
    "an order goes elsewhere": an_order_differs(
        "UPDATE sales_order SET delivery_addresses = '[]'", "countries", "delivery_addresses"
    ),
    "an order is ahead": an_order_differs("UPDATE sales_order SET version = 5", "version"),
    "an order has lines of another version": an_order_differs(
        "UPDATE sales_order SET lines_version = 9", "lines_version"
    ),
    "an order has the SKUs of another": an_order_differs("UPDATE sales_order SET skus = '{CHAI,X}'", "skus"),
    "an order has no SKUs": an_order_differs("UPDATE sales_order SET skus = '{}'", "skus"),
    "an order has the countries of another": an_order_differs("UPDATE sales_order SET countries = '{PE}'", "countries"),
    "a line is lost": an_order_differs("UPDATE sales_order SET lines = lines[1:1]", "lines", "skus"),
    "all lines are lost": an_order_differs("UPDATE sales_order SET lines = '{}'", "lines", "skus"),
    "a line has another quantity": an_order_differs("UPDATE sales_order SET lines[1].quantity = 4", "lines"),
    "a line has another version": an_order_differs("UPDATE sales_order SET lines[2].version = 4", "lines"),
    "a line is there twice": an_order_differs("UPDATE sales_order SET lines = lines || lines[2]", "lines"),
    "a line is marked as deleted": an_order_differs("UPDATE sales_order SET lines[2].deleted = true", "lines", "skus"),
    "the lines are not in their order": an_order_differs(
        "UPDATE sales_order SET lines = ARRAY[lines[2], lines[1]]", "lines"
    ),
    "a line is invented": an_order_differs(
        "UPDATE sales_order SET lines = lines || jsonb_populate_record(lines[2], '{\"order_line_id\": null}')", "lines"
    ),
    "a line is changed in MySQL and its version is not": (
        in_mysql("orders", "UPDATE order_detail SET quantity = 9 WHERE line_number = 1"),
        [("order", "sales_order", str(ORDER.order_id), DifferenceKind.DIFFERS, ("lines",))],
    ),
    "the deletion of a line has not come": (
        in_mysql("orders", "DELETE FROM order_detail WHERE line_number = 2"),
        [("order", "sales_order", str(ORDER.order_id), DifferenceKind.DIFFERS, ("lines",))],
    ),
    "units of a SKU with any characters are lost": (
        in_read_model("UPDATE availability SET on_hand = 9"),
        [("availability", "availability", STOCK.stock_id, DifferenceKind.DIFFERS, ("on_hand",))],
    ),
    "a store moves": (
        in_read_model("UPDATE store SET longitude = NULL"),
        [("store", "store", "seattle", DifferenceKind.DIFFERS, ("longitude",))],
    ),
    "a sourcing has lost its lines": (
        in_read_model("UPDATE sourcing SET lines = '[]'"),
        [("sourcing", "sourcing", str(ORDER.order_id), DifferenceKind.DIFFERS, ("lines",))],
    ),
    "a restock request is older": (
        in_read_model("UPDATE restock_request SET status = 'completed', added = NULL"),
        [
            (
                "restock_request",
                "restock_request",
                str(RESTOCK.restock_request_id),
                DifferenceKind.DIFFERS,
                ("added", "status"),
            )
        ],
    ),
    "a policy of a SKU with any characters is older": (
        in_read_model("UPDATE stock_policy SET tracked = false, lead_time_days = NULL"),
        [
            (
                "stock_policy",
                "stock_policy",
                POLICY.policy_id,
                DifferenceKind.DIFFERS,
                ("lead_time_days", "tracked"),
            )
        ],
    ),
    "a shipment has lost its parcels and who received it": (
        in_read_model("UPDATE shipment SET parcels = '[]', received_by = NULL"),
        [
            (
                "shipment",
                "shipment",
                str(SHIPMENT.shipment_id),
                DifferenceKind.DIFFERS,
                ("parcels", "received_by"),
            )
        ],
    ),
    "a report of a carrier is changed": (
        in_read_model("UPDATE shipment SET tracking = jsonb_set(tracking, '{0,city}', '\"Bonn\"')"),
        [("shipment", "shipment", str(SHIPMENT.shipment_id), DifferenceKind.DIFFERS, ("tracking",))],
    ),
    "a shipment has another window": (
        in_read_model("UPDATE shipment SET van = 'b', window_to = window_to + interval '1 second'"),
        [("shipment", "shipment", str(SHIPMENT.shipment_id), DifferenceKind.DIFFERS, ("van", "window_to"))],
    ),
    "a depot has lost its vans": (
        in_read_model("UPDATE depot SET vans = '[]', closes = '17:00'"),
        [("depot", "depot", DEPOT.depot, DifferenceKind.DIFFERS, ("closes", "vans"))],
    ),
    "a depot is missing": (
        in_read_model("DELETE FROM depot"),
        [("depot", "depot", DEPOT.depot, DifferenceKind.MISSING, ())],
    ),
    "a shipment is missing": (
        in_read_model("DELETE FROM shipment"),
        [("shipment", "shipment", str(SHIPMENT.shipment_id), DifferenceKind.MISSING, ())],
    ),
    "what is refunded for a line is changed": (
        in_read_model("UPDATE order_return SET lines = jsonb_set(lines, '{0,amount}', '\"29.99\"')"),
        [("order_return", "order_return", str(RETURN.return_id), DifferenceKind.DIFFERS, ("lines",))],
    ),
    "a return is missing": (
        in_read_model("DELETE FROM order_return"),
        [("order_return", "order_return", str(RETURN.return_id), DifferenceKind.MISSING, ())],
    ),
    "a sourcing is missing": (
        in_read_model("DELETE FROM sourcing"),
        [("sourcing", "sourcing", str(ORDER.order_id), DifferenceKind.MISSING, ())],
    ),
    "an order is not shown": (
        in_read_model("DELETE FROM sales_order"),
        [("order", "sales_order", str(ORDER.order_id), DifferenceKind.MISSING, ())],
    ),
    "an order is invented": (
        in_read_model(COPY_ORDER),
        [("order", "sales_order", str(GHOST), DifferenceKind.UNEXPECTED, ())],
    ),
}


@pytest.mark.parametrize("case", list(CASES))
async def test_what_is_spoilt_is_named_exactly(sides, databases, case):
    spoil, expected = CASES[case]
    await sides.put(*ROWS)

    await spoil(sides)

    named = [(each.table, each.view, each.key, each.fault, each.columns) for each in await found(databases)]
    assert sorted(named) == sorted(expected)


async def test_rows_are_found_among_many_ranges(sides, databases, monkeypatch):
    monkeypatch.setattr(ranges, "FIRST_ROWS", 64)
    monkeypatch.setattr(ranges, "FEW_ROWS", 4)
    many = [a_product(f"P-{n:03}", price=Decimal("1.0000")) for n in range(300)]
    await sides.put(*many)
    await sides.in_read_model("DELETE FROM product WHERE sku IN ('P-000', 'P-150', 'P-299')")
    await sides.in_read_model("UPDATE product SET sku = 'A' WHERE sku = 'P-007'")
    await sides.in_read_model("UPDATE product SET sku = 'Z' WHERE sku = 'P-008'")

    comparison = (await compared(databases))["products"]

    missing = ["P-000", "P-007", "P-008", "P-150", "P-299"]
    assert {(each.view, each.key) for each in comparison.differences} == {
        ("product", key) for key in [*missing, "A", "Z"]
    }
    assert comparison.rows == {"MySQL": 300, "product": 297, "search": 300, "replica_product": 300}
    assert comparison.ranges >= 5


async def test_ranges_have_the_same_skus_of_any_characters_in_every_database(sides, databases, monkeypatch):
    monkeypatch.setattr(ranges, "FIRST_ROWS", 16)
    monkeypatch.setattr(ranges, "FEW_ROWS", 2)
    letters = sorted("aAzZ09 -_./~\"'\\%éÉßǅ漢茶קא\uffee\ue000😀𝕏")
    skus = [f"{first}{second}x" for first in letters if first != " " for second in letters]
    await sides.put(*(a_product(sku, price=Decimal("1.0000")) for sku in skus))

    whole = (await compared(databases))["products"]
    await sides.in_read_model("DELETE FROM product WHERE sku IN ('😀😀x', 'é/x', 'z x')")
    spoilt = (await compared(databases))["products"]

    assert (whole.differences, set(whole.rows.values())) == ([], {len(skus)})
    assert {(each.view, each.key) for each in spoilt.differences} == {
        ("product", key) for key in ("😀😀x", "é/x", "z x")
    }


async def test_views_of_an_empty_table_are_found_range_by_range(sides, databases, monkeypatch):
    monkeypatch.setattr(ranges, "FIRST_ROWS", 64)
    monkeypatch.setattr(ranges, "FEW_ROWS", 4)
    await sides.put(*(a_product(f"P-{n:03}", price=Decimal("1.0000")) for n in range(100)))
    await sides.in_mysql("products", "DELETE FROM products")

    differences = (await compared(databases))["products"].differences

    assert len(differences) == 300
    assert {each.fault for each in differences} == {DifferenceKind.UNEXPECTED}


async def test_an_empty_view_is_found_range_by_range(sides, databases, monkeypatch):
    monkeypatch.setattr(ranges, "FIRST_ROWS", 64)
    monkeypatch.setattr(ranges, "FEW_ROWS", 4)
    await sides.put_into_mysql(*(a_product(f"P-{n:03}", price=Decimal("1.0000")) for n in range(100)))

    differences = (await compared(databases))["products"].differences

    assert len(differences) == 300
    assert {each.fault for each in differences} == {DifferenceKind.MISSING}


async def test_any_number_of_rows_is_repaired_page_by_page(sides, databases, monkeypatch):
    monkeypatch.setattr(ranges, "FIRST_ROWS", 64)
    monkeypatch.setattr(ranges, "FEW_ROWS", 4)
    monkeypatch.setattr(comparing, "MOST_NAMED", 20)
    many = [a_product(f"P-{n:03}", price=Decimal("1.0000")) for n in range(100)]
    await sides.put_into_mysql(*many)
    pages: list[set[str]] = []

    async def repair(page: Sequence[Difference]) -> None:
        pages.append({each.key for each in page})
        await sides.put_into_views(*(product for product in many if product.sku in pages[-1]))

    table = TABLES["products"]
    comparison = await compare("products", databases.source(table), databases.views(table), 0, repair)

    assert (sum(comparison.wrong.values()), len(comparison.differences), comparison.is_cut) == (300, 20, False)
    assert set.union(*pages) == {product.sku for product in many}
    assert max(map(len, pages)) < 20
    assert await found(databases) == []


async def test_what_arrives_meanwhile_is_no_difference(sides, databases):
    await sides.put_into_mysql(CHAI)
    comparing = asyncio.create_task(compared(databases, wait_s=120))
    await asyncio.sleep(0)

    await sides.put_into_views(CHAI)

    assert (await comparing)["products"].differences == []


async def test_only_a_deep_look_finds_a_document_with_a_borrowed_digest(sides, databases):
    await sides.put(CHAI)
    body = (await sides.elasticsearch.get(index=SEARCH_INDEX, id="CHAI"))["_source"] | {"name": "Tea"}
    await sides.elasticsearch.index(
        index=SEARCH_INDEX, id="CHAI", document=body, version=1, version_type="external_gte", refresh=True
    )

    shallow = await found(databases)
    async with open_databases(is_deep=True) as deep:
        named = [(each.view, each.key, each.columns) for each in await found(deep)]

    assert (shallow, named) == ([], [("search", "CHAI", ("name",))])


async def test_an_index_from_before_digests_is_given_their_place_and_each_document_differs(sides, databases):
    definition = msgspec.json.decode((Path(search.__file__).parent / "index.json").read_bytes())
    mapping = definition["mappings"]
    mapping["properties"] = {
        name: field for name, field in mapping["properties"].items() if not name.startswith("digest_")
    }
    index = await indices.index_of(sides.elasticsearch, SEARCH_INDEX)
    assert index is not None
    await sides.elasticsearch.indices.delete(index=index)
    await sides.elasticsearch.indices.create(
        index=index,
        settings=definition["settings"],
        mappings=mapping,
        aliases={SEARCH_INDEX: {}},
    )
    body = {**msgspec.to_builtins(document(CHAI))}
    del body["digest_high"], body["digest_low"]
    await sides.put_into_mysql(CHAI)
    await sides.elasticsearch.index(
        index=SEARCH_INDEX, id="CHAI", document=body, version=1, version_type="external", refresh=True
    )

    before = {(each.view, each.columns) for each in await found(databases)}
    await search.make_index(sides.elasticsearch, replicas=0)
    await sides.put_into_views(CHAI, msgspec.structs.replace(CHAI, version=2))

    assert before == {("product", ()), ("search", ("digest_high", "digest_low")), ("replica_product", ())}
    shown = StockedProduct.of(msgspec.structs.replace(CHAI, version=2))
    assert await digests_there(databases) == (1, digest(shown))


async def digests_there(databases: Databases) -> tuple[int, int]:
    table = TABLES["products"]
    return await databases.views(table, frozenset({SEARCH}))[0].digest(Range())


async def test_columns_of_every_row_are_those_of_mysql(sides, databases):
    for table in TABLES.values():
        async with databases.mysql.reading() as connection:
            there = await connection.fetch_all(f"SHOW COLUMNS FROM `{table.database}`.`{table.name}`")
        published = {column["Field"] for column in there if "GENERATED" not in column["Extra"]}
        assert published == set(table.columns), "generated columns are left out by the connector"
    lines = TABLES["order"].lines
    assert lines is not None
    async with databases.mysql.reading() as connection:
        there = await connection.fetch_all(f"SHOW COLUMNS FROM `orders`.`{lines.topic.name}`")
    assert {column["Field"] for column in there} == {*lines.columns, *OF_ORDER}


async def test_a_view_that_is_behind_is_not_called_wrong(sides, databases, monkeypatch):
    monkeypatch.setattr(recheck, "LAG_ALLOWANCE_S", 0.5)
    await sides.put_into_mysql(MARIA)
    await sides.is_fresh_until("customers", datetime.now(UTC) - timedelta(minutes=1))

    with pytest.raises(recheck.StaleView):
        await found(databases)

    await sides.is_fresh_until("customers", datetime.now(UTC) + timedelta(minutes=1))
    assert [(each.view, each.fault) for each in await found(databases)] == [
        ("customer", DifferenceKind.MISSING),
        ("replica_customer", DifferenceKind.MISSING),
    ]


@pytest.mark.parametrize(("few", "are_deleted"), [(1, False), (2, True)])
async def test_persons_who_are_gone_are_deleted_unless_their_table_looks_lost(
    sides, databases, monkeypatch, few, are_deleted
):
    monkeypatch.setenv("OMS_RECONCILE_WAIT_S", "0.01")
    monkeypatch.setattr(watch, "FEW_DELETIONS", few)
    gone = [a_customer(), a_customer()]
    await sides.put_into_views(*gone)

    await watch.Watch().compare_all(databases)

    said = [await everywhere.on_topic(CUSTOMER, str(customer.customer_id)) for customer in gone]
    assert [bool(each) for each in said] == [are_deleted] * 2
    assert await everywhere.on_topic(CUSTOMER, str(gone[0].email)) == []


async def test_who_is_there_is_not_deleted(sides, databases, monkeypatch):
    monkeypatch.setenv("OMS_RECONCILE_WAIT_S", "0.01")
    product = a_product(f"P-{uuid4().hex}")
    await sides.put(MARIA, product)
    await sides.in_read_model("UPDATE customer SET name = 'Mary'")
    await sides.in_mysql("products", "DELETE FROM products")

    await watch.Watch().compare_all(databases)

    assert await everywhere.on_topic(CUSTOMER, str(MARIA.customer_id)) == []
    assert await everywhere.on_topic(PRODUCTS, product.sku) == []

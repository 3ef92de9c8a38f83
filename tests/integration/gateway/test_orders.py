"""Orders by GraphQL: whole, by pages, filtered, and never with a statement for each row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from chassis.databases.postgres import Database, PoolConnection
from chassis.settings import PostgresSettings, postgres
from contracts.orders import DeliveryAddress
from gateway import settings
from gateway.api import app
from tests.support.apps import running
from tests.support.shop.builders import ask
from tests.support.views.read_model import TABLES, ReadModel

NOON = datetime(1996, 7, 4, 12, tzinfo=UTC)

NOWHERE: dict[str, Any] = dict.fromkeys(DeliveryAddress.__struct_fields__)
HOME = NOWHERE | {"address_id": str(UUID(int=2)), "street": "Avenida Brasil", "city": "Lima", "country": "PE"}
WORK = HOME | {"address_id": str(UUID(int=3)), "street": "Jirón de la Unión", "latitude": "-12.046374"}

PAGE = """
query ($first: Int! = 20, $after: String, $filter: OrderFilter) {
  orders(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

EVERYTHING = """
query ($first: Int!) {
  orders(first: $first) { edges { node {
    id externalId status subtotal { amount } freight { amount } total { amount currency }
    placedAt requiredAt updatedAt version
    confirmedAt shippedAt deliveredAt cancelledAt cancellationReason rejectedAt rejectionReason
    customer { name lastName email }
    lines {
      lineNumber sku productName quantity unitPrice { amount currency } discount amount { amount }
      product { name price { amount } }
      deliveryAddress { street city latitude }
    }
  } } }
}
"""


class CountedDatabase(Database):
    """A database that keeps the statements which go to it."""

    def __init__(self, settings: PostgresSettings) -> None:
        super().__init__(settings)
        self.statements: list[str] = []

    async def _connect(self) -> PoolConnection:
        def keep(query: asyncpg.connection.LoggedQuery) -> None:
            if any(table in query.query for table in TABLES.split(", ")):  # asyncpg has questions of its own
                self.statements.append(query.query)

        connection = await super()._connect()
        connection.add_query_logger(keep)
        return connection

    # asyncpg does not log statements that are kept prepared.
    async def fetch_runs(self, statement: str, runs: Sequence[Sequence[Any]]) -> list[Any]:
        self.statements += [statement] * len(runs)
        return await super().fetch_runs(statement, runs)

    async def fetch_together(self, statement: str, parameters: Sequence[Any]) -> Any:
        self.statements.append(statement)
        return await super().fetch_together(statement, parameters)


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def found(http: httpx.AsyncClient, **wanted: Any) -> list[UUID]:
    page = (await ask(http, PAGE, filter=wanted))["orders"]
    return [UUID(edge["node"]["id"]) for edge in page["edges"]]


async def many_orders(rows: ReadModel, count: int) -> list[UUID]:
    """Orders of as many customers, the newest first, each with three lines: two home, the last to work."""
    customers = await rows.customers(*({"name": f"Ana {number}"} for number in range(count)))
    await rows.products(*({"sku": f"SKU-{number}"} for number in range(10)))
    placed = [NOON - timedelta(hours=number) for number in range(count)]
    orders = await rows.orders(
        *(
            {"customer_id": who, "placed_at": when, "delivery_addresses": [WORK, HOME]}
            for who, when in zip(customers, placed, strict=True)
        )
    )
    for number, address in ((3, WORK), (1, HOME), (2, HOME)):
        line = {"line_number": number, "sku": f"SKU-{number}", "delivery_address_id": address["address_id"]}
        await rows.lines(*({**line, "order_id": order} for order in orders))
    return orders


async def test_an_order_is_shown_with_everything(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    [order] = await many_orders(read_model, 1)

    [edge] = (await ask(client, EVERYTHING, first=1))["orders"]["edges"]

    lines = edge["node"].pop("lines")
    assert edge["node"] == {
        "id": str(order),
        "externalId": None,
        "status": "PLACED",
        "subtotal": {"amount": "440.00"},
        "total": {"amount": "472.38", "currency": "USD"},
        "freight": {"amount": "32.38"},
        "placedAt": "1996-07-04T12:00:00Z",
        "requiredAt": None,
        "updatedAt": "2026-01-01T00:00:00Z",
        "version": 1,
        "confirmedAt": None,
        "shippedAt": None,
        "deliveredAt": None,
        "cancelledAt": None,
        "cancellationReason": None,
        "rejectedAt": None,
        "rejectionReason": None,
        "customer": {"name": "Ana 0", "lastName": "Trujillo", "email": "ana@example.com"},
    }
    assert [line["lineNumber"] for line in lines] == [1, 2, 3]
    assert lines[0] == {
        "lineNumber": 1,
        "sku": "SKU-1",
        "productName": "Chai",
        "quantity": 12,
        "unitPrice": {"amount": "14.00", "currency": "USD"},
        "discount": "0.15",
        "amount": {"amount": "142.80"},
        "product": {"name": "Chai", "price": {"amount": "18.00"}},
        "deliveryAddress": {"street": "Avenida Brasil", "city": "Lima", "latitude": None},
    }
    assert lines[2]["deliveryAddress"] == {"street": "Jirón de la Unión", "city": "Lima", "latitude": "-12.046374"}


async def test_each_step_of_an_order_is_shown_with_its_time_and_reason(
    client: httpx.AsyncClient, read_model: ReadModel
) -> None:
    at = {f"{step}_at": NOON for step in ("confirmed", "shipped", "delivered", "cancelled", "rejected")}
    reasons = {"cancellation_reason": "found it cheaper", "rejection_reason": "no such street"}
    [order] = await read_model.orders({**at, **reasons, "status": "rejected"})

    data = await ask(
        client,
        """query ($id: ID!) { order(id: $id) {
          status confirmedAt shippedAt deliveredAt cancelledAt cancellationReason rejectedAt rejectionReason
        } }""",
        id=str(order),
    )

    assert data["order"] == {
        "status": "REJECTED",
        "confirmedAt": "1996-07-04T12:00:00Z",
        "shippedAt": "1996-07-04T12:00:00Z",
        "deliveredAt": "1996-07-04T12:00:00Z",
        "cancelledAt": "1996-07-04T12:00:00Z",
        "cancellationReason": "found it cheaper",
        "rejectedAt": "1996-07-04T12:00:00Z",
        "rejectionReason": "no such street",
    }


async def test_a_line_goes_where_it_went_when_it_was_placed(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    erased = NOWHERE | {"city": "Lima", "country": "PE"}
    [moved] = await read_model.addresses({"street": "Avenida Arequipa"})
    [gone] = await read_model.addresses({"deleted": True})
    kept = [HOME | {"address_id": str(moved)}, erased | {"address_id": str(gone)}]
    new, old = await read_model.orders({"delivery_addresses": kept}, {"delivery_addresses": []})
    lines = [{"line_number": 1, "delivery_address_id": moved}, {"line_number": 2, "delivery_address_id": gone}]
    await read_model.lines(*({**line, "order_id": order} for line in lines for order in (new, old)))

    data = await ask(
        client,
        """query ($new: ID!, $old: ID!) { new: order(id: $new) { ...places } old: order(id: $old) { ...places } }
        fragment places on Order { lines { deliveryAddressId deliveryAddress { street city } } }""",
        new=str(new),
        old=str(old),
    )

    assert data["new"]["lines"] == [
        {"deliveryAddressId": str(moved), "deliveryAddress": {"street": "Avenida Brasil", "city": "Lima"}},
        {"deliveryAddressId": str(gone), "deliveryAddress": {"street": None, "city": "Lima"}},
    ]
    assert [line["deliveryAddress"] for line in data["old"]["lines"]] == [None, None]


@pytest.mark.parametrize(
    ("query", "most"), [(EVERYTHING, 1), (EVERYTHING.replace("{", "{ nodes(ids: []) { id }", 1), 3 * 3)]
)
async def test_50_orders_with_everything_take_1_statement_and_few_in_the_executor(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, query: str, most: int
) -> None:
    await many_orders(read_model, 60)
    counted = CountedDatabase(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    monkeypatch.setattr(settings, "read_model", lambda: counted)

    async with running(app()) as client:
        counted.statements.clear()
        data = await ask(client, query, first=50)

    assert len(data["orders"]["edges"]) == 50
    # At its start, which may still go on, the process reads no row, only whether the tables are there.
    statements = [each for each in counted.statements if not each.endswith("LIMIT 0")]
    # The executor reads the rows of each type in as many statements as its list has turns.
    assert 1 <= len(statements) <= most, statements


async def test_pages_hold_every_order_once_the_newest_first(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    at_once = [{"placed_at": NOON} for _ in range(5)]
    later = [{"placed_at": NOON + timedelta(seconds=number)} for number in range(1, 7)]
    ids = await read_model.orders(*at_once, *later)
    expected = ids[:4:-1] + sorted(ids[:5], reverse=True)

    seen, after, pages = [], None, 0
    while after or not pages:
        page = (await ask(client, PAGE, first=4, after=after))["orders"]
        seen += [UUID(edge["node"]["id"]) for edge in page["edges"]]
        info = page["pageInfo"]
        assert info["hasPreviousPage"] == (pages > 0)
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        after, pages = info["endCursor"] if info["hasNextPage"] else None, pages + 1

    assert seen == expected
    assert pages == 3


async def test_each_filter_finds_its_orders(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    olaf, ana = await read_model.customers(
        {"name": "Ölaf", "last_name": "Sørensen 100%", "email": "Olaf@Example.com"}, {"email": "ana_@example.com"}
    )
    first, second, third = await read_model.orders(
        {"customer_id": olaf, "placed_at": NOON},
        {"customer_id": ana, "placed_at": NOON - timedelta(days=1), "status": "shipped"},
        {"customer_id": ana, "placed_at": NOON - timedelta(days=2)},
    )

    assert await found(client) == [first, second, third]
    assert await found(client, customer={}, status=None) == [first, second, third]
    assert await found(client, ids=[str(second), str(first).upper(), "x"]) == [first, second]
    assert await found(client, customerId="x") == await found(client, ids=["x"]) == []
    assert await found(client, customerId=str(ana)) == [second, third]
    assert await found(client, status="SHIPPED") == [second]
    assert await found(client, status=["SHIPPED", "PLACED", "SHIPPED"]) == [first, second, third]
    assert await found(client, status=["SHIPPED", "REJECTED"], customerId=str(ana)) == [second]
    assert await found(client, status="DELIVERED") == []
    assert await found(client, status="PLACED", customerId=str(ana)) == [third]
    assert await found(client, placedFrom="1996-07-03T12:00:00Z", placedBefore="1996-07-04T12:00:00Z") == [second]
    assert await found(client, placedFrom="1996-07-04T07:00:00-05:00") == [first]
    assert await found(client, customer={"name": "öLAF søren"}) == [first]
    assert await found(client, customer={"name": "100%"}) == [first]
    assert await found(client, customer={"name": "%"}) == []
    assert await found(client, customer={"name": "trujillo", "email": "ANA_@example.com"}) == [second, third]
    assert await found(client, customer={"email": "anax@example.com"}) == []
    assert await found(client, customer={"name": "olaf@"}) == []


async def test_deleted_rows_are_hidden_everywhere(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    kept, gone = await read_model.customers({}, {"deleted": True, "name": "Gone"})
    await read_model.addresses({"customer_id": kept, "deleted": True})
    await read_model.products({"sku": "GONE", "deleted": True})
    [order, no_order] = await read_model.orders({"customer_id": gone}, {"customer_id": kept, "deleted": True})
    await read_model.lines(
        {"order_id": order, "sku": "GONE"},
        {"order_id": order, "line_number": 2, "deleted": True},
    )

    data = await ask(
        client,
        """query ($kept: ID!, $gone: ID!, $order: ID!, $hidden: ID!) {
          kept: customer(id: $kept) { addresses { id } orders { edges { node { id } } } }
          gone: customer(id: $gone) { id }
          order(id: $order) { customer { id } lines { sku product { sku } } }
          hidden: order(id: $hidden) { id }
          product(sku: "GONE") { sku }
        }""",
        kept=str(kept),
        gone=str(gone),
        order=str(order),
        hidden=str(no_order),
    )

    assert data == {
        "kept": {"addresses": [], "orders": {"edges": []}},
        "gone": None,
        "order": {"customer": None, "lines": [{"sku": "GONE", "product": None}]},
        "hidden": None,
        "product": None,
    }
    assert await found(client, customer={"name": "Gone"}) == []


async def test_each_customer_has_a_page_of_their_own_orders(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    ana, luis = await read_model.customers({}, {"name": "Luis"})
    placed = [{"customer_id": who, "placed_at": NOON - timedelta(days=n)} for who in (ana, luis) for n in range(3)]
    ids = await read_model.orders(*placed)
    both = """query ($ana: ID!, $luis: ID!, $after: String) {
      ana: customer(id: $ana) { orders(first: 2) { ...page } }
      luis: customer(id: $luis) { orders(first: 2, after: $after) { ...page } }
    } fragment page on OrderConnection { edges { node { id } } pageInfo { hasNextPage endCursor } }"""

    data = await ask(client, both, ana=str(ana), luis=str(luis))
    after = data["luis"]["orders"]["pageInfo"]["endCursor"]
    rest = await ask(client, both, ana=str(ana), luis=str(luis), after=after)

    assert [edge["node"]["id"] for edge in data["ana"]["orders"]["edges"]] == [str(ids[0]), str(ids[1])]
    assert [edge["node"]["id"] for edge in data["luis"]["orders"]["edges"]] == [str(ids[3]), str(ids[4])]
    assert data["luis"]["orders"]["pageInfo"]["hasNextPage"] is True
    assert [edge["node"]["id"] for edge in rest["luis"]["orders"]["edges"]] == [str(ids[5])]
    assert rest["luis"]["orders"]["pageInfo"]["hasNextPage"] is False

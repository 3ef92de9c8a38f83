"""A company's files are imported, and every fact in them is shown, exactly, and once.

What must be shown is computed here from the files themselves, with arithmetic of its own: nothing of `oms` is trusted.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chassis.databases.postgres import Database
from chassis.settings import postgres
from oms.main import app
from tests.support.eventually import eventually
from tests.support.shop.builders import graphql
from tests.support.views.comparison import assert_views_equal_mysql, mysql_rows

NORTHWIND = Path(__file__).parents[3] / "demo" / "northwind"
DOMAIN = "@northwind.example"

COUNTRIES = {
    "Argentina": "AR", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA", "Denmark": "DK",
    "Finland": "FI", "France": "FR", "Germany": "DE", "Ireland": "IE", "Italy": "IT", "Mexico": "MX",
    "Norway": "NO", "Poland": "PL", "Portugal": "PT", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH",
    "UK": "GB", "USA": "US", "Venezuela": "VE",
}  # fmt: skip

ALL_ORDERS = """
query ($after: String) {
  orders(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      externalId status subtotal { amount currency } freight { amount currency } placedAt requiredAt shippedAt
      customer { email }
      lines {
        lineNumber sku productName quantity unitPrice { amount } discount amount { amount }
        deliveryAddress { street city region postalCode country recipient }
      }
    } }
  }
}
"""


@dataclass
class Company:
    """Every fact, by what identifies it in the files: SKU, e-mail address, the order's number (and the line's)."""

    products: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    customers: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    addresses: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    orders: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    lines: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)


@pytest.fixture(scope="module", autouse=True)
def _is_imported(system: dict[str, str]) -> None:
    import_it()


async def test_every_fact_in_the_files_is_in_the_read_model() -> None:
    in_files = company_in_files()
    assert (len(in_files.products), len(in_files.customers), len(in_files.orders)) == (77, 91, 830)
    assert len(in_files.lines) == 2155

    async def is_shown() -> None:
        shown = await company_in_read_model()
        assert shown.products == in_files.products
        assert shown.customers == in_files.customers
        assert shown.addresses == in_files.addresses
        assert shown.orders == in_files.orders
        assert shown.lines == in_files.lines

    await eventually(is_shown)


async def test_every_order_in_the_files_is_in_graphql() -> None:
    in_files = company_in_files()

    async def is_shown() -> None:
        shown = await company_in_graphql()
        assert shown.orders == in_files.orders
        assert shown.lines == in_files.lines

    await eventually(is_shown)


async def test_every_unit_in_the_files_is_available() -> None:
    in_files = {(line["store"], line["sku"]): (line["onHand"], line["reorderAt"]) for line in read("stock")}
    skus = {sku for _, sku in in_files}
    assert (len(in_files), len(skus), sum(on_hand for on_hand, _ in in_files.values())) == (165, 77, 3119)

    async def are_available() -> None:
        [rows, stores] = await fetched(
            "SELECT store_id, sku, on_hand, reorder_at FROM availability WHERE sku LIKE 'NW-%'",
            "SELECT store_id, kind, country, city FROM store",
        )
        assert {(store, sku): tuple(units) for store, sku, *units in rows} == in_files
        assert set(stores) >= {
            ("seattle", "warehouse", "US", "Seattle"),
            ("berlin", "shop", "DE", "Berlin"),
            ("lima", "shop", "PE", "Lima"),
        }

    await eventually(are_available)


async def test_importing_it_again_changes_nothing() -> None:
    await eventually(assert_views_equal_mysql)
    before = await versions()

    await asyncio.to_thread(import_it)

    await eventually(assert_views_equal_mysql)
    assert await versions() == before


def import_it() -> None:
    result = CliRunner().invoke(app, ["import", str(NORTHWIND)])
    assert result.exit_code == 0, result.output


def company_in_files() -> Company:
    company = Company()
    categories = {each["slug"]: each for each in read("categories")}
    for product in read("products"):
        company.products[product["sku"]] = (
            product["name"],
            product["description"],
            Decimal(product["price"]),
            product["currency"],
            product["unit"],
            copies(product["categories"], categories),
            not product["discontinued"],
        )
    emails = {}
    for customer in read("customers"):
        email = emails[customer["externalId"]] = customer["email"]
        company.customers[email] = tuple(customer[key] for key in ("name", "lastName", "phone", "company"))
        company.addresses.update((email, *place(address, None)) for address in customer["addresses"])
    delivered_to = set()
    for order in read("orders"):
        number, to = str(order["externalId"]), place(order["shipTo"], order["shipTo"]["recipient"])
        delivered_to.add((emails[order["customer"]], *to))
        amounts = []
        for line_number, line in enumerate(order["lines"], 1):
            price, discount = Decimal(line["unitPrice"]), Decimal(line["discount"])
            amounts.append((line["quantity"] * price * (1 - discount)).quantize(Decimal("0.01"), ROUND_HALF_UP))
            facts = (line["sku"], company.products[line["sku"]][0], line["quantity"], price, discount, amounts[-1], to)
            company.lines[number, line_number] = facts
        company.orders[number] = (
            emails[order["customer"]],
            "shipped" if order["shippedOn"] else "placed",
            "USD",
            sum(amounts),
            Decimal(order["freight"]),
            midnight(order["orderedOn"]),
            midnight(order["requiredOn"]),
            midnight(order["shippedOn"]),
            len(amounts),
        )
    company.addresses.update(delivered_to)
    return company


def read(name: str) -> Iterator[dict[str, Any]]:
    with (NORTHWIND / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


def copies(slugs: list[str], categories: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"slug": slug, "name": categories[slug]["name"], "path": path(slug, categories)} for slug in slugs]


def path(slug: str, categories: dict[str, Any]) -> list[str]:
    parent = categories[slug].get("parent")
    return [*(path(parent, categories) if parent else []), slug]


def place(address: dict[str, Any], recipient: str | None) -> tuple[str | None, ...]:
    country = COUNTRIES[address["country"]]
    return address["street"], address["city"], address["region"], address["postalCode"], country, recipient


def midnight(day: str | None) -> datetime | None:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None


async def company_in_read_model() -> Company:
    """What the read model shows of the company: its products, its customers, and everything of these customers."""
    products, customers, addresses, orders, lines = await fetched(
        """SELECT sku, name, description, price, currency, unit, categories::text, active
           FROM product WHERE sku LIKE 'NW-%' AND NOT deleted""",
        f"""SELECT email, name, last_name, phone, company
            FROM customer WHERE email LIKE '%{DOMAIN}' AND NOT deleted""",
        f"""SELECT c.email, street, city, region, postal_code, country, recipient
            FROM address JOIN customer AS c USING (customer_id) WHERE c.email LIKE '%{DOMAIN}' AND NOT address.deleted
            AND coalesce(address.company, address.phone, street_type, number, building, department, reference,
                latitude::text, longitude::text) IS NULL""",
        f"""SELECT external_id, c.email, status, currency, subtotal, freight, placed_at, required_at, shipped_at,
                line_count
            FROM sales_order AS o JOIN customer AS c USING (customer_id)
            WHERE c.email LIKE '%{DOMAIN}' AND NOT o.deleted""",
        f"""SELECT o.external_id, line_number, sku, product_name, quantity, unit_price, discount, amount,
                street, city, region, postal_code, country, recipient
            FROM order_line AS l JOIN sales_order AS o USING (order_id)
            JOIN customer AS c USING (customer_id) JOIN address AS a ON a.address_id = l.delivery_address_id
            WHERE c.email LIKE '%{DOMAIN}' AND NOT o.deleted AND NOT l.deleted AND a.customer_id = o.customer_id""",
    )
    unique = {"orders": orders, "customers": customers, "products": products}
    for name, rows in unique.items():
        assert len({row[0] for row in rows}) == len(rows), f"{name} are there twice"
    assert len({row[:2] for row in lines}) == len(lines), "lines are there twice"
    return Company(
        {row[0]: (*row[1:6], json.loads(row[6]), row[7]) for row in products},
        {row[0]: row[1:] for row in customers},
        Counter(addresses),
        {row[0]: row[1:] for row in orders},
        {row[:2]: (*row[2:8], row[8:]) for row in lines},
    )


async def fetched(*queries: str) -> list[list[tuple[Any, ...]]]:
    read_model = Database(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with read_model.connection() as connection:
            return [[tuple(row) for row in await connection.fetch(query)] for query in queries]
    finally:
        await read_model.close()


async def company_in_graphql() -> Company:
    """The company's orders, from the pages of all orders there are."""
    company, page = Company(), {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        orders = (await graphql(ALL_ORDERS, after=page["endCursor"]))["orders"]
        page = orders["pageInfo"]
        for order in (edge["node"] for edge in orders["edges"]):
            if order["customer"] is None or not order["customer"]["email"].endswith(DOMAIN):
                continue
            assert order["externalId"] not in company.orders, "it is on two pages"
            company.orders[order["externalId"]] = (
                order["customer"]["email"],
                order["status"].lower(),
                order["subtotal"]["currency"],
                Decimal(order["subtotal"]["amount"]),
                Decimal(order["freight"]["amount"]),
                *(moment(order[key]) for key in ("placedAt", "requiredAt", "shippedAt")),
                len(order["lines"]),
            )
            for line in order["lines"]:
                company.lines[order["externalId"], line["lineNumber"]] = line_in_graphql(line)
    return company


def line_in_graphql(line: dict[str, Any]) -> tuple[Any, ...]:
    address = line["deliveryAddress"]
    return (
        *(line[key] for key in ("sku", "productName", "quantity")),
        *(Decimal(text) for text in (line["unitPrice"]["amount"], line["discount"], line["amount"]["amount"])),
        tuple(address[key] for key in ("street", "city", "region", "postalCode", "country", "recipient")),
    )


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def versions() -> list[dict[str, int]]:
    """The version of every row there is, by its id, in MySQL and in the read model."""
    tables = {
        "customers.customer": "customer_id",
        "customers.address": "address_id",
        "products.products": "sku",
        "orders.order": "order_id",
        "orders.order_detail": "order_detail_id",
        **{f"store_{each}.stock": "stock_id" for each in ("seattle", "berlin", "lima")},
    }
    in_mysql = [
        {identity: row["version"] for identity, row in (await mysql_rows(table, key)).items()}
        for table, key in tables.items()
    ]
    projected = await fetched(
        "SELECT customer_id::text, version FROM customer",
        "SELECT address_id::text, version FROM address",
        "SELECT sku, version FROM product",
        "SELECT order_id::text, version FROM sales_order",
        "SELECT order_line_id::text, version FROM order_line",
    )
    return in_mysql + [dict(rows) for rows in projected]

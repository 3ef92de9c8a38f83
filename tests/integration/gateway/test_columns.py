"""What compiled statements rely on: what is non-null stands on columns that are, and Postgres rounds as we do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

from contracts import money
from gateway import settings
from gateway.compiled.columns import Row, money_json
from gateway.fields.fields import COLUMN, RELATION, Column, columns_of
from gateway.schema import schema
from gateway.shop.customers import Address, Customer
from gateway.shop.orders.order import Order
from gateway.shop.products.categories import Category
from gateway.shop.products.product import Product
from gateway.shop.returns.order_return import Return
from gateway.shop.shipments.days import DeliveryDay
from gateway.shop.shipments.shipment import Shipment
from gateway.shop.stock.levels import Stock
from gateway.shop.stock.restocks import RestockRequest
from gateway.shop.stock.sourcing import Sourcing
from gateway.shop.stock.stores import Store
from tests.support.views.read_model import empty_read_model

TABLES = {
    "sales_order": Order,
    "customer": Customer,
    "address": Address,
    "product": Product,
    "category": Category,
    "store": Store,
    "availability": Stock,
    "sourcing": Sourcing,
    "restock_request": RestockRequest,
    "shipment": Shipment,
    "order_return": Return,
    "depot": DeliveryDay,
}

NULLABLE = """
SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND is_nullable = 'YES'
"""


def non_null_columns(table: str, of: type) -> set[str]:
    type_ = schema._schema.type_map[of.__name__]
    assert isinstance(type_, GraphQLObjectType)
    columns = columns_of(of)
    return {
        f"{table}.{columns[definition.python_name].name}"
        for field in type_.fields.values()
        if isinstance(field.type, GraphQLNonNull)
        and COLUMN in (definition := field.extensions["strawberry-definition"]).metadata
        and definition.metadata.get(RELATION) is None
    }


async def test_a_non_null_field_stands_on_a_column_that_is_never_null() -> None:
    read_model = settings.read_model()
    try:
        async with empty_read_model(), read_model.connection() as connection:
            nullable = {row[0] for row in await connection.fetch(NULLABLE)}
    finally:
        await read_model.close()

    shown = {column for table, of in TABLES.items() for column in non_null_columns(table, of)}

    assert "customer.phone" in nullable
    assert {"sales_order.subtotal", "sales_order.total"} <= set(shown)
    assert not shown & nullable


TEXTS = ["0", "440", "0.0050", "0.0125", "1.2345", "1.2355", "-2.5000", "99999999.9995"]


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (Column("amount", is_money=True), money.format_amount),
        (Column("amount", is_money=True, is_price=True), money.format_price),
    ],
)
async def test_money_has_the_decimals_of_its_currency_whichever_that_is_or_was(
    column: Column, shown: Callable[[Decimal, str], str]
) -> None:
    currencies = [*money.known_currencies(), "QQQ", "usd", "?"]
    amounts = [(currency, Decimal(text)) for currency in currencies for text in TEXTS]
    statement = f"""
        SELECT currency, amount, {money_json(Row("t"), column)} AS shown
        FROM unnest($1::text[], $2::numeric[]) AS t (currency, amount)
    """
    read_model = settings.read_model()
    try:
        rows = await read_model.fetch(statement, [list(part) for part in zip(*amounts, strict=True)])
    finally:
        await read_model.close()

    assert len(rows) == len(amounts) > 2000
    for currency, amount, written in rows:
        assert written == f'"{shown(amount, currency)}"', currency

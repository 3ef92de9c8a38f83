"""A non-null field stands on a column that is never null: compiled statements rely on it."""

from __future__ import annotations

from graphql import GraphQLNonNull, GraphQLObjectType

from gateway import settings
from gateway.customers import Address, Customer
from gateway.fields import COLUMN, RELATION, columns_of
from gateway.orders import Order, OrderLine
from gateway.products import Product
from gateway.schema import schema
from tests.read_model import empty_read_model

TABLES = {
    "shown_order": Order,
    "order_line": OrderLine,
    "customer": Customer,
    "address": Address,
    "product": Product,
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
    assert "shown_order.total" in shown
    assert not shown & nullable

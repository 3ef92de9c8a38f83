"""Statements that are derived from the contracts' rows, printed: what a reader of the database's log sees."""

from __future__ import annotations

import pytest

from chassis.databases.postgres_upserts import Upsert
from contracts.customers import CUSTOMER
from contracts.orders import OrderGraph, OrderRow
from contracts.rows import columns
from orders_stream import sales_orders

CUSTOMERS = """
    INSERT INTO customer AS here (version, customer_id, name, last_name, email, identity_document, phone, company,
        active, created_at, updated_at, deleted)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::boolean[], $10::timestamptz[], $11::timestamptz[], $12::boolean[])
    ON CONFLICT (customer_id) DO UPDATE SET version = excluded.version, name = excluded.name,
        last_name = excluded.last_name, email = excluded.email, identity_document = excluded.identity_document,
        phone = excluded.phone, company = excluded.company, active = excluded.active,
        created_at = excluded.created_at, updated_at = excluded.updated_at, deleted = excluded.deleted
    WHERE here.version < excluded.version
"""


def test_an_upsert_names_each_column_of_its_row() -> None:
    assert Upsert("customer", CUSTOMER).sql.split() == CUSTOMERS.split()


@pytest.mark.parametrize("statement", [sales_orders.INSERT, sales_orders.REPLACE, sales_orders.UPDATE_ROW])
def test_an_order_is_written_with_all_its_columns_but_the_key(statement: str) -> None:
    source = "arriving" if statement == sales_orders.UPDATE_ROW else "excluded"
    written = {*columns(OrderRow), "deleted"} - {"order_id"}

    assert [name for name in written if f"{name} = {source}.{name}" not in statement] == []
    assert f"order_id = {source}.order_id," not in statement


def test_no_statement_returns_the_type_of_lines() -> None:
    """Its prepared statement would fail after `oms rebuild` has swapped the schemas."""
    for statement in (sales_orders.UPDATE_ROW, sales_orders.READ):
        assert statement.count("array_to_json(") == 1


def test_the_joined_document_has_the_columns_of_its_order() -> None:
    of_its_own = {"id", "deleted", "total", "customer", "lines"}
    not_published = {
        "order_id",
        "lines_version",
        "line_count",
        "erased_at",
        "delivery_addresses",
        "reservation_id",
    }

    assert {*OrderGraph.__struct_fields__} - of_its_own == {*columns(OrderRow)} - not_published

"""Statements that are derived from the contracts' rows, printed: what a reader of the database's log sees."""

from __future__ import annotations

from contracts.customers import CUSTOMER
from contracts.orders import ORDER, OrderGraph, OrderRow
from contracts.rows import columns
from orders_stream.documents import LINES, ORDERS
from orders_stream.repository import SHOW_WHOLE_ORDERS
from orders_stream.upserts import Upsert

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


def test_a_column_of_the_key_can_have_another_name() -> None:
    upsert = Upsert("renamed", ORDER, renamed={"order_id": "id"})

    assert "INSERT INTO renamed AS here (version, id, external_id, " in upsert.sql
    assert (
        "ON CONFLICT (id) DO UPDATE SET version = excluded.version, external_id = excluded.external_id, " in upsert.sql
    )


def test_an_order_is_shown_with_all_its_columns_but_the_key() -> None:
    assert "rejection_reason = excluded.rejection_reason" in SHOW_WHOLE_ORDERS
    assert "deleted = excluded.deleted" in SHOW_WHOLE_ORDERS
    assert "order_id = excluded.order_id" not in SHOW_WHOLE_ORDERS


def test_documents_select_their_fields_with_amounts_as_text() -> None:
    assert ORDERS.startswith(
        "\nSELECT o.order_id AS id, o.version, o.deleted, o.status, o.currency, o.subtotal::text, o.freight::text,"
    )
    assert "l.quantity, l.unit_price::text, l.discount::text, l.amount::text, l.delivery_address_id\n" in LINES


def test_the_joined_document_has_the_columns_of_its_order() -> None:
    of_its_own = {"id", "deleted", "total", "customer", "lines"}
    not_published = {
        "order_id",
        "lines_version",
        "line_count",
        "erased_at",
        "delivery_addresses",
    }

    assert {*OrderGraph.__struct_fields__} - of_its_own == {*columns(OrderRow)} - not_published

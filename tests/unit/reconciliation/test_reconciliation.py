"""What a repair says of a row that MySQL does not have, and when a row that differs is on its way."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from contracts.inventory.sourcing import SourcedLine, SourcedPart, write_lines
from contracts.json_text import normalize_json_text, to_json_text
from contracts.orders import OrderRow
from contracts.products import ProductRow
from reconciliation.emission import deletion
from reconciliation.mysql_table import _sort_key
from reconciliation.recheck import Candidate
from reconciliation.rows import RowState
from reconciliation.tables import TABLES, Table
from search.documents import document
from tests.support.shop.rows import NOON, a_customer, an_order

ID = "0193567a-6c00-7000-8000-000000000003"
KEYS = dict.fromkeys(TABLES, ID) | {"products": "GHOST", "availability": "seattle/a/é"}


def read(table: Table, record: dict[str, object]) -> object:
    return table.topic.decoder()(msgspec.json.encode(record))


@pytest.mark.parametrize("name", list(TABLES))
def test_a_deletion_can_be_read_when_nothing_is_known_of_the_row(name: str) -> None:
    row = read(TABLES[name], deletion(TABLES[name].topic, KEYS[name], 7, {}))

    assert str(getattr(row, TABLES[name].key)) == KEYS[name]
    assert (row.is_deleted, row.newest_version) == (True, 8)  # type: ignore[attr-defined]
    if isinstance(row, ProductRow):
        assert document(row).deleted


def test_a_deletion_says_what_the_row_was() -> None:
    order = an_order()
    values = {name: getattr(order, name) for name in TABLES["order"].columns}

    row = read(TABLES["order"], deletion(TABLES["order"].topic, str(order.order_id), 7, values))

    assert isinstance(row, OrderRow)
    assert (row.order_id, row.customer_id, row.subtotal) == (order.order_id, order.customer_id, order.subtotal)


def test_the_lines_of_a_sourcing_are_written_as_every_database_writes_them() -> None:
    part = SourcedPart(state="committed", quantity=2, store_id="seattle", reservation_id=UUID(int=1))
    lines = [
        SourcedLine(sku='a"\\ é/\u001f😀', parts=[part, part], quantity=4, backordered=0, order_line_id=UUID(int=2)),
        SourcedLine(sku="b", parts=[], quantity=1, backordered=1, order_line_id=UUID(int=3)),
    ]

    assert write_lines(lines) == to_json_text(lines)
    assert write_lines([]) == "[]"


def test_a_deletion_tells_nothing_of_a_person() -> None:
    maria = a_customer()
    values = {name: getattr(maria, name) for name in TABLES["customer"].columns}

    text = msgspec.json.encode(deletion(TABLES["customer"].topic, str(maria.customer_id), 7, values)).decode()

    assert not [word for word in ("Maria", "Anders", "@example", "DNI", "030-", "Futterkiste") if word in text]


@pytest.mark.parametrize(
    "document", [{"sku": "GHOST"}, {"price": "no price"}, {"currency": "ZZZ"}, {"categories": [{"name": "a list"}]}]
)
def test_a_deletion_can_be_read_whatever_a_document_said(document: dict[str, object]) -> None:
    row = read(TABLES["products"], deletion(TABLES["products"].topic, "GHOST", 7, {**document, "_version": 7}))

    assert isinstance(row, ProductRow)


def test_a_key_that_no_topic_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be a key"):
        deletion(TABLES["order"].topic, "not-a-uuid", 7, {})


@pytest.mark.parametrize(
    ("before", "mysql", "view", "since"),
    [
        (5, 5, 4, 0),  # nothing has moved
        (5, 6, 5, 9),  # MySQL has, and the view had come as far as it was
        (5, 6, 4, 0),  # MySQL has, and the view has not even come as far as it was
        (5, None, 5, 9),  # deleted meanwhile
        (None, 1, None, 9),  # made meanwhile
        (None, None, 3, 0),  # never there
    ],
)
def test_time_begins_anew_where_the_view_follows(
    before: int | None, mysql: int | None, view: int | None, since: float
) -> None:
    candidate = Candidate(before, 0, NOON)

    candidate.update(_seen(mysql), _seen(view), 9, NOON)

    assert (candidate.version, candidate.since) == (mysql, since)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('{"bb":1,"a":[ ],"é":{"ab":null,"b":"x"}}', '{"a": [], "bb": 1, "é": {"b": "x", "ab": null}}'),
        ('["\\u00e9\\u0001\\n\\"/"]', '["é\\u0001\\n\\"/"]'),
    ],
)
def test_json_has_one_text(text: str, written: str) -> None:
    assert normalize_json_text(text) == written


def _seen(version: int | None) -> RowState | None:
    return None if version is None else RowState(version, {})


@pytest.mark.parametrize(
    ("key", "place"), [("", ""), ("a-1", "a-1"), ("a-Ä-1", "a-" + "\x7f" * 62), ("茶", "\x7f" * 64)]
)
def test_a_key_that_mysql_cannot_have_is_behind_all_that_begin_like_it(key: str, place: str) -> None:
    assert _sort_key(key) == place
    assert TABLES["customer"].can_have(key) == (key == place)
    assert TABLES["products"].can_have(key)

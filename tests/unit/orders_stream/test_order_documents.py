"""The documents of `orders-graph` have every column of the rows that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from chassis.databases.postgres import PoolConnection
from contracts.orders import DeliveryAddress, Document, GraphAddress, GraphLine, OrderDetailRow, OrderGraph, OrderRow
from contracts.rows import not_null
from orders_stream.documents import publication_of
from orders_stream.merging import Merged, Order, Rows

_numbers = count(1)


def filled(kind: type[msgspec.Struct], **values: object) -> Any:
    """A struct of this type, in which each field that is not given has a value of its own."""
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in values]
    return kind(**{field.name: _made(not_null(field.type)) for field in fields}, **values)


def _made(kind: type) -> object:
    number = next(_numbers)
    made: Mapping[type, object] = {
        str: f"text {number}",
        int: number,
        bool: False,
        Decimal: Decimal(number),
        UUID: UUID(int=number),
        datetime: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
    }
    return made[kind]


class NoCustomers:
    """A read model without customers."""

    async def fetch(self, *_: object) -> list[object]:
        return []


@pytest.fixture
async def made() -> tuple[OrderGraph, OrderRow, OrderDetailRow, DeliveryAddress]:
    """A document, with the rows that it is made of."""
    address = filled(DeliveryAddress)
    row = filled(OrderRow, delivery_addresses=msgspec.json.encode([address]).decode())
    line = filled(OrderDetailRow, delivery_address_id=address.address_id)
    merged = Merged(Order(row, [line]), True, (), Rows(row.order_id))
    publication = await publication_of(cast(PoolConnection, NoCustomers()), [merged])
    return publication.documents[0], row, line, address


def values(document: Document | None, *but: str) -> dict[str, object]:
    assert document is not None
    return {name: getattr(document, name) for name in document.__struct_fields__ if name not in but}


async def test_each_field_has_the_value_of_its_column(
    made: tuple[OrderGraph, OrderRow, OrderDetailRow, DeliveryAddress],
) -> None:
    document, row, line, address = made
    [graph_line] = document.lines

    of_order = values(document, "id", "deleted", "number", "customer", "lines")
    assert of_order == {name: getattr(row, name) for name in of_order}
    assert (document.id, document.number, document.deleted) == (row.order_id, str(row.number), False)
    of_line = values(graph_line, "id", "delivery_address")
    assert of_line == {name: getattr(line, name) for name in of_line}
    assert graph_line.id == line.order_detail_id
    of_address = values(graph_line.delivery_address)
    assert of_address == {name: getattr(address, name) for name in of_address}


@pytest.mark.parametrize("kind", [OrderGraph, GraphLine, GraphAddress])
async def test_no_field_is_left_at_its_default(
    kind: type[Document], made: tuple[OrderGraph, OrderRow, OrderDetailRow, DeliveryAddress]
) -> None:
    document = made[0]
    parts = {OrderGraph: document, GraphLine: document.lines[0], GraphAddress: document.lines[0].delivery_address}
    assert [name for name, value in values(parts[kind], "customer").items() if value is None] == []

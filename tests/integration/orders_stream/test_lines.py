"""Lines and texts come back from Postgres as they were, whatever is in them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.databases.migrations import migrate_postgres
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderGraph, OrderRow
from contracts.sizes import MOST_LINES
from orders_stream import sales_orders
from orders_stream.agents import join_orders
from orders_stream.line_texts import text_array
from orders_stream.merging import Order
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.shop.rows import a_batch, a_delivery_address, a_line, an_order, written

ODD = [*"\"\\ '\n\t,ü😀\x01", "", '\\"', "{}", "(,)", "NULL", "null", "$1", "\\\\", "%s"]
texts = st.one_of(
    st.sampled_from(ODD),
    st.lists(st.sampled_from(ODD)).map("".join),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30),
)
amounts = st.decimals(min_value=0, max_value=10**14, places=4)


@st.composite
def orders(draw: st.DrawFn) -> tuple[OrderRow, list[OrderDetailRow]]:
    count = draw(st.integers(0, 4))
    home = a_delivery_address(an_order().order_id, country=draw(texts), street=draw(texts), city=draw(texts))
    row = an_order(
        line_count=count,
        external_id=draw(st.none() | texts),
        source=draw(texts),
        status=draw(texts),
        currency=draw(texts),
        cancellation_reason=draw(st.none() | texts),
        subtotal=draw(amounts),
        delivery_addresses=written([home]),
    )
    lines = [
        a_line(
            row,
            number,
            sku=draw(texts),
            product_name=draw(texts),
            quantity=draw(st.integers(-(2**31), 2**31 - 1)),
            unit_price=draw(amounts),
            discount=draw(st.decimals(0, 1, places=4)),
            amount=draw(amounts),
            delivery_address_id=home.address_id,
        )
        for number in range(1, count + 1)
    ]
    return row, lines


async def through_postgres(row: OrderRow, lines: Sequence[OrderDetailRow], *, waits: bool) -> None:
    """Let the order be written at once, or after its lines have waited: it is read and published as it came."""
    published: list[OrderGraph] = []

    async def publish(documents: Sequence[OrderGraph]) -> None:
        published.extend(documents)

    database = read_model()
    try:
        async with database.connection() as connection:
            await migrate_postgres(connection, MIGRATIONS)
            await connection.execute("DELETE FROM publishing")
        join, of_order, of_lines = join_orders(database, publish), a_batch(ORDER, [row]), a_batch(ORDER_DETAIL, lines)
        if waits:
            await join(of_lines)
            await join(of_order)
        else:
            await join(replace(of_order, beside=of_lines))
        async with database.connection() as connection:
            stored = (await sales_orders.read(connection, [row.order_id]))[row.order_id]
            columns = await connection.fetchrow(
                "SELECT skus, countries FROM sales_order WHERE order_id = $1", row.order_id
            )
    finally:
        await database.close()
    assert stored == Order(row, tuple(lines))
    assert columns is not None
    assert columns["skus"] == list(dict.fromkeys(line.sku for line in lines))
    assert columns["countries"] == list(dict.fromkeys(address.country for address in row.addresses()))
    [document] = published
    assert [(line.id, line.sku, line.product_name, line.amount) for line in document.lines] == [
        (line.order_detail_id, line.sku, line.product_name, line.amount) for line in lines
    ]
    assert {line.delivery_address.country for line in document.lines if line.delivery_address} <= {
        *columns["countries"]
    }


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(orders(), st.booleans())
def test_odd_texts_and_numbers_are_stored_as_they_came(
    order: tuple[OrderRow, list[OrderDetailRow]], waits: bool
) -> None:
    asyncio.run(through_postgres(*order, waits=waits))


def test_the_largest_number_of_lines_is_stored() -> None:
    row = an_order(line_count=MOST_LINES)
    lines = [a_line(row, number, product_name='"\\' * 100) for number in range(1, MOST_LINES + 1)]

    asyncio.run(through_postgres(row, lines, waits=False))


def test_texts_in_an_array_are_in_it_once() -> None:
    assert text_array([]) == "{}"
    assert text_array(["PE", "DE", "PE", ""]) == '{"PE","DE",""}'

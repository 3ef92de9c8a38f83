"""A view may be dropped: its worker makes it anew and fills it from the start of the topics."""

from __future__ import annotations

from chassis.databases.elasticsearch import client as elasticsearch_client
from contracts.products import SEARCH_INDEX
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_product, an_address, made
from tests.support.system.dropping import drop_the_read_model
from tests.support.views.comparison import assert_views_came_back, assert_views_equal_mysql


async def test_the_search_index_is_made_anew() -> None:
    for _ in range(5):
        await a_product()
    await eventually(assert_views_equal_mysql)

    search = elasticsearch_client()
    try:
        [index] = await search.indices.get_alias(name=SEARCH_INDEX)
        await search.indices.delete(index=index)
    finally:
        await search.close()
    await a_product()

    await eventually(assert_views_came_back)


async def test_the_read_model_is_made_anew() -> None:
    customer = await a_customer()
    address, product = await an_address(customer), await a_product()
    lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
    await made("orders", "/orders", {"customerId": customer["id"], "lines": lines})
    await eventually(assert_views_equal_mysql)

    await drop_the_read_model()
    await a_customer()

    await eventually(assert_views_came_back)

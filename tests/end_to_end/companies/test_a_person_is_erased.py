"""A person is erased: nothing that is kept anywhere says who they were or where they lived; their orders stay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, graphql, made
from tests.support.system.compacting import COMPACTED, compacted_at_once
from tests.support.views import everywhere
from tests.support.views.comparison import assert_views_equal_mysql

ORDER = """
query ($id: ID!) {
  order(id: $id) {
    version status total { amount } customer { name }
    lines { sku amount { amount } deliveryAddress { street city country } }
  }
}
"""


async def test_nothing_is_left_of_a_person_but_their_orders() -> None:
    mark = uuid4().hex
    secrets = {
        "email": f"{mark}@example.com",
        "identityDocument": f"D-{mark[:20]}",
        "phone": f"+49 {mark[:12]}",
    }
    street = f"Secret Street {mark}"
    customer = await a_customer(name=f"Anna{mark}", **secrets)
    address = await an_address(customer, street=street, city="Berlin", country="DE")
    product = await a_product(price="12.50")
    lines = [{"sku": product["sku"], "quantity": 2, "deliveryAddressId": address["id"]}]
    order = await made("orders", "/orders", {"customerId": customer["id"], "lines": lines})
    await eventually(assert_views_equal_mysql)
    assert await everywhere.in_stores(mark)
    await _the_address_is_corrected(order, f"Corrected Street {mark}")
    await eventually(assert_views_equal_mysql)

    async with client("customers") as http:
        answer = await http.delete(f"/customers/{customer['id']}", headers={"If-Match": '"1"'})
    assert answer.status_code == 204, answer.text

    await eventually(lambda: _nowhere_in_stores(mark))
    await eventually(assert_views_equal_mysql)
    await _the_order_stays(order)
    async with compacted_at_once():
        await eventually(lambda: _nowhere_on_topics(mark), timeout_s=150)


async def _the_address_is_corrected(order: Mapping[str, Any], street: str) -> None:
    place = {"deliveryAddressId": order["lines"][0]["deliveryAddressId"], "street": street}
    async with client("orders") as http:
        answer = await http.post(
            f"/orders/{order['id']}/correct-address",
            json=place | {"city": "Berlin", "country": "DE"},
            headers={"If-Match": '"1"', **a_key()},
        )
    assert answer.status_code == 200, answer.text

    async def is_shown() -> None:
        seen = (await graphql(ORDER, id=order["id"]))["order"]
        assert seen["version"] == 2
        assert seen["lines"][0]["deliveryAddress"] == {"street": street, "city": "Berlin", "country": "DE"}

    await eventually(is_shown)


async def _the_order_stays(order: Mapping[str, Any]) -> None:
    seen = (await graphql(ORDER, id=order["id"]))["order"]
    assert seen["total"] == {"amount": "25.00"}
    assert seen["customer"] is None
    assert seen["lines"][0]["deliveryAddress"] == {"street": None, "city": "Berlin", "country": "DE"}
    async with client("orders") as http:
        kept = (await http.get(f"/orders/{order['id']}")).json()
        history = (await http.get(f"/orders/{order['id']}/history")).json()["items"]
    assert (kept["total"], kept["status"], kept["version"]) == ("25.00", "placed", 3)
    assert [each["command"] for each in history] == ["place", "correct-address", "erase"]


async def _nowhere_in_stores(text: str) -> None:
    assert await everywhere.in_stores(text) == []


async def _nowhere_on_topics(text: str) -> None:
    await _touch_every_partition()
    for topic in COMPACTED:
        assert await everywhere.on_topic(topic, text) == []


async def _touch_every_partition() -> None:
    """A segment can be cleaned once a later record has closed it: in a shop that lives there is always one."""
    for _ in range(6):
        customer = await a_customer()
        address = await an_address(customer)
        product = await a_product()
        lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
        await eventually(partial(made, "orders", "/orders", {"customerId": customer["id"], "lines": lines}))

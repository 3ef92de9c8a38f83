"""What the files say and what is sent: nothing is lost, rounded or made up on the way."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from oms.company.lines.addresses import Address, address_body, address_key
from oms.company.lines.base import Body
from oms.company.lines.categories import Category
from oms.company.lines.customers import Customer, customer_body
from oms.company.lines.orders import Order, order_body, order_currency, ship_tos
from oms.company.lines.products import Product, product_body

Line = TypeVar("Line", Category, Product, Customer, Order)

NORTHWIND = Path(__file__).parents[3] / "demo" / "northwind"

ORDER = b"""{"externalId": 10250, "customer": "HANAR", "orderedOn": "1996-07-08", "requiredOn": "1996-08-05",
  "shippedOn": null, "freight": "65.83", "shipTo": {"recipient": "Hanari Carnes", "street": "Rua do Pa\xc3\xa7o, 67",
  "city": "Rio de Janeiro", "region": "RJ", "postalCode": "05454-876", "country": "Brazil"},
  "lines": [{"sku": "NW-0051", "unitPrice": "42.40", "quantity": 35, "discount": 0.15}]}"""


def an_order(**changes: object) -> Order:
    return msgspec.structs.replace(msgspec.json.decode(ORDER, type=Order), **changes)


def a_ship_to(**changes: object) -> Address:
    return msgspec.structs.replace(an_order().ship_to, **changes)


def said(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


def test_an_order_keeps_its_number_days_prices_and_discounts() -> None:
    assert order_body(an_order(), "the-customer", "the-address", "USD") == {
        "externalId": "10250",
        "customerId": "the-customer",
        "currency": "USD",
        "placedAt": "1996-07-08T00:00:00Z",
        "requiredAt": "1996-08-05T00:00:00Z",
        "shippedAt": None,
        "freight": "65.83",
        "lines": [
            {
                "sku": "NW-0051",
                "quantity": 35,
                "unitPrice": "42.40",
                "discount": "0.15",
                "deliveryAddressId": "the-address",
            }
        ],
    }


def test_a_product_that_is_discontinued_is_not_active() -> None:
    line = b'{"sku": "NW-0001", "name": "Chai", "price": "18.00", "currency": "USD", "discontinued": true}'

    body = product_body(msgspec.json.decode(line, type=Product))

    assert said(body) == {
        "sku": "NW-0001",
        "name": "Chai",
        "price": "18.00",
        "currency": "USD",
        "categories": [],
        "active": False,
    }


def test_an_empty_text_is_none() -> None:
    line = b'{"externalId": "X", "name": "A", "lastName": "B", "email": "a@b.example", "phone": " ", "company": ""}'

    body = customer_body(msgspec.json.decode(line, type=Customer))

    assert (body["phone"], body["company"]) == (None, None)


def test_an_address_of_an_order_has_its_recipient() -> None:
    body = address_body(a_ship_to())

    assert said(body) == {
        "street": "Rua do Paço, 67",
        "city": "Rio de Janeiro",
        "region": "RJ",
        "postalCode": "05454-876",
        "country": "BR",
        "recipient": "Hanari Carnes",
    }


@pytest.mark.parametrize(
    "stored",
    [
        {"street": "  Rua do Paço, 67 "},
        {"street": unicodedata.normalize("NFD", "Rua do Paço, 67")},
        {"number": None, "id": "an-id", "version": 3},
    ],
)
def test_an_address_is_the_same_however_it_was_typed(stored: dict[str, object]) -> None:
    body = address_body(a_ship_to())

    assert address_key(body | stored) == address_key(body)


@pytest.mark.parametrize(
    "other", [{"street": "Rua do Paço, 68"}, {"recipient": None}, {"number": "67"}, {"postalCode": "5454-876"}]
)
def test_an_address_that_says_something_else_is_another(other: dict[str, object]) -> None:
    body = address_body(a_ship_to())

    assert address_key(body | other) != address_key(body)


def test_each_place_of_a_customer_is_listed_once() -> None:
    elsewhere = a_ship_to(city="São Paulo")

    found = ship_tos([an_order(), an_order(external_id=1), an_order(ship_to=elsewhere), an_order(customer="VINET")])

    assert found == {"HANAR": [a_ship_to(), elsewhere], "VINET": [a_ship_to()]}


def test_the_currency_of_an_order_is_its_products() -> None:
    assert order_currency(an_order(), {"NW-0051": "USD", "NW-0001": "EUR"}) == "USD"


def test_an_order_of_an_unknown_product_names_it() -> None:
    with pytest.raises(ValueError, match="NW-0051"):
        order_currency(an_order(), {"NW-0001": "USD"})


def test_an_order_in_two_currencies_is_refused() -> None:
    line = an_order().lines[0]
    order = an_order(lines=(line, msgspec.structs.replace(line, sku="EU-1")))

    with pytest.raises(ValueError, match="EUR and USD"):
        order_currency(order, {"NW-0051": "USD", "EU-1": "EUR"})


def test_every_line_of_the_sample_company_can_be_sent() -> None:
    products = lines("products.jsonl", Product)
    categories = {category.slug: category for category in lines("categories.jsonl", Category)}
    customers = lines("customers.jsonl", Customer)
    orders = lines("orders.jsonl", Order)
    currencies = {str(product.sku): product.currency for product in products}

    sent = [order_body(order, "customer", "address", order_currency(order, currencies)) for order in orders]
    addresses = [address_body(address) for customer in customers for address in customer.addresses]
    delivered_to = [address_body(place) for places in ship_tos(orders).values() for place in places]

    assert (len(products), len(customers), len(sent)) == (77, 91, 830)
    assert {slug for product in products for slug in product.categories} <= set(categories)
    assert {category.parent for category in categories.values()} - {None} <= set(categories)
    assert sum(len(order["lines"]) for order in sent) == 2155
    assert len({body["country"] for body in [*addresses, *delivered_to]}) == 21
    assert (len(addresses), len(delivered_to)) == (91, 90)


def lines(file: str, kind: type[Line]) -> list[Line]:
    return [msgspec.json.decode(line, type=kind) for line in (NORTHWIND / file).read_bytes().splitlines()]

"""The import of a company's folder through the REST services: products, then customers with addresses, then orders.

Every step finds what is there already, so an import that was cut short is simply begun again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from oms.company_files import Fault, Place, entries
from oms.each import each_of
from oms.northwind import (
    AddressKey,
    Body,
    Customer,
    Order,
    Product,
    ShipTo,
    address_key,
    imported_order,
    new_address,
    new_customer,
    new_product,
    order_currency,
    ship_tos,
)
from oms.rest import Refused, Rest, patiently

PRODUCTS, CUSTOMERS, ORDERS = FILES = ("products.jsonl", "customers.jsonl", "orders.jsonl")

ON_ITS_WAY_S = 30.0
"""How long a customer, an address or a product may take from its own service to `orders`."""

_Line = TypeVar("_Line", Product, Customer, Order)

Step = Callable[["Rest", "Company", _Line], Awaitable["Outcome"]]


class Outcome(StrEnum):
    """What became of one line of a file."""

    MADE = "made"
    THERE = "there already"
    REFUSED = "refused"


class Report:
    """How an import goes: the lines of each file by their outcome, and why some were refused."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self.outcomes: Counter[tuple[str, Outcome]] = Counter()
        self.faults: list[Fault] = []
        self._on_line = on_line

    def done(self, file: str, outcome: Outcome) -> None:
        """Count one line."""
        self.outcomes[file, outcome] += 1
        self._on_line(file)

    def refused(self, fault: Fault) -> None:
        """Count one line that is wrong, or that a service does not take."""
        self.faults.append(fault)
        self.done(fault.place.file, Outcome.REFUSED)


@dataclass
class Company:
    """What is known so far: the currency of each SKU, the ids of customers and of each customer's addresses."""

    ship_tos: dict[str, list[ShipTo]]
    currencies: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, dict[AddressKey, str | Refused]] = field(default_factory=dict)

    def address_id(self, customer_id: str, body: Body) -> str:
        """The id of a customer's address that says this. Raises the Refused that the service said no with."""
        found = self.addresses[customer_id][address_key(body)]
        if isinstance(found, Refused):
            raise found
        return found


async def import_company(folder: Path, rest: Rest, workers: int, report: Report) -> None:
    """Import all that can be. Raises Away when a service stays away; the next import goes on from there."""

    async def every(file: str, kind: type[_Line], key: str, step: Step[_Line]) -> None:
        async def one(entry: tuple[Place, _Line]) -> None:
            place, line = entry
            try:
                report.done(file, await step(rest, company, line))
            except (Refused, ValueError) as error:
                report.refused(Fault(place, str(error)))

        await each_of(entries(folder / file, kind, attrgetter(key), report.refused), workers, one)

    company = Company(ship_tos(order for _, order in entries(folder / ORDERS, Order, attrgetter("external_id"))))
    await every(PRODUCTS, Product, "sku", import_product)
    await every(CUSTOMERS, Customer, "external_id", import_customer)
    await every(ORDERS, Order, "external_id", import_order)


async def import_product(rest: Rest, company: Company, product: Product) -> Outcome:
    """Make a product, or leave the one with this SKU as it is."""
    outcome = await patiently(lambda: _post_product(rest, new_product(product)))
    company.currencies[product.sku] = product.currency
    return outcome


async def import_customer(rest: Rest, company: Company, customer: Customer) -> Outcome:
    """Make a customer, or find the one with this e-mail address; then make the addresses it does not have yet.

    A place that only an order names and that is refused is that order's fault, not the customer's.
    """
    own = [new_address(address) for address in customer.addresses]
    delivered_to = company.ship_tos.get(str(customer.external_id), [])
    bodies = {address_key(body): body for body in [*own, *_usable(delivered_to)]}
    customer_id, outcome = await patiently(lambda: _post_customer(rest, new_customer(customer)))
    company.customers[str(customer.external_id)] = customer_id
    company.addresses[customer_id] = await patiently(lambda: _with_addresses(rest, customer_id, bodies))
    for body in own:
        company.address_id(customer_id, body)
    return outcome


async def import_order(rest: Rest, company: Company, order: Order) -> Outcome:
    """Make an order, or find the one with this number. Waits for what it refers to, which may be on its way."""
    customer_id = company.customers.get(str(order.customer))
    if customer_id is None:
        raise ValueError(f"no such customer was imported: {order.customer}")
    address_id = company.address_id(customer_id, new_address(order.ship_to))
    body = imported_order(order, customer_id, address_id, order_currency(order, company.currencies))

    async def post() -> Outcome:
        response = await patiently(lambda: rest.post("orders", "/imported-orders", body))
        return Outcome.MADE if response.status_code == 201 else Outcome.THERE

    return await patiently(post, is_on_its_way, ON_ITS_WAY_S)


def is_on_its_way(error: Exception) -> bool:
    """Whether an order was refused for something that `orders` has not heard of yet."""
    return isinstance(error, Refused) and error.kind == "unknown-reference"


async def _post_product(rest: Rest, body: Body) -> Outcome:
    try:
        await rest.post("products", "/products", body)
    except Refused as refused:
        if refused.status != 409:
            raise
        return Outcome.THERE
    return Outcome.MADE


async def _post_customer(rest: Rest, body: Body) -> tuple[str, Outcome]:
    try:
        made = await rest.post("customers", "/customers", body)
    except Refused as refused:
        if refused.kind != "email-taken":
            raise
        found = await rest.get("customers", "/customers", email=body["email"])
        if not (items := found.json()["items"]):
            raise
        return items[0]["id"], Outcome.THERE
    return made.json()["id"], Outcome.MADE


async def _with_addresses(
    rest: Rest, customer_id: str, wanted: Mapping[AddressKey, Body]
) -> dict[AddressKey, str | Refused]:
    """The ids of a customer's addresses by what they say, once those that are wanted are there, or why one is not."""
    path = f"/customers/{customer_id}/addresses"
    found: dict[AddressKey, str | Refused] = {}
    async for address in _pages(rest, "customers", path):
        found[address_key(address)] = address["id"]
    for key, body in wanted.items():
        if key not in found:
            try:
                found[key] = (await rest.post("customers", path, body)).json()["id"]
            except Refused as refused:
                found[key] = refused
    return found


def _usable(places: Iterable[ShipTo]) -> Iterator[Body]:
    for place in places:
        try:
            yield new_address(place)
        except ValueError:
            pass  # said again, with the line of the order


async def _pages(rest: Rest, service: str, path: str) -> AsyncIterator[Body]:
    cursor = None
    while True:
        page = (await rest.get(service, path, limit=100, cursor=cursor)).json()
        for item in page["items"]:
            yield item
        cursor = page["nextCursor"]
        if cursor is None:
            return

"""The import of a company's folder through the REST services: products, then customers with addresses, then orders.

Every step finds what is there already, so an import that was cut short is simply begun again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from pathlib import Path

from oms.bulk import each_answer, slices
from oms.company_files import Fault, Place, entries
from oms.each import each_of
from oms.newcomers import Newcomer
from oms.northwind import (
    AddressKey,
    Customer,
    Order,
    Product,
    ShipTo,
    address_key,
    imported_order,
    new_address,
    new_product,
    order_currency,
    ship_tos,
)
from oms.rest import Refused, Rest, patiently

PRODUCTS, CUSTOMERS, ORDERS = FILES = ("products.jsonl", "customers.jsonl", "orders.jsonl")

ON_ITS_WAY_S = 30.0
"""How long a customer, an address or a product may take from its own service to `orders`."""


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

    def done(self, file: str, *, is_new: bool) -> None:
        """Count one line that is in."""
        self._count(file, Outcome.MADE if is_new else Outcome.THERE)

    def refused(self, fault: Fault) -> None:
        """Count one line that is wrong, or that a service does not take."""
        self.faults.append(fault)
        self._count(fault.place.file, Outcome.REFUSED)

    def _count(self, file: str, outcome: Outcome) -> None:
        self.outcomes[file, outcome] += 1
        self._on_line(file)


@dataclass
class Company:
    """What is known so far: the currency of each SKU; each customer's id, and the ids of its addresses."""

    ship_tos: dict[str, list[ShipTo]]
    currencies: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, dict[AddressKey, str | Refused]] = field(default_factory=dict)

    def knows(self, newcomer: Newcomer) -> None:
        """Keep what orders need of a customer that is in."""
        number = str(newcomer.customer.external_id)
        self.customers[number], self.addresses[number] = newcomer.id, newcomer.addresses

    def places(self, order: Order) -> tuple[str, str]:
        """The ids of the order's customer and of where it went. Raises ValueError, or why the address was refused."""
        number = str(order.customer)
        if number not in self.customers:
            raise ValueError(f"no such customer was imported: {order.customer}")
        found = self.addresses[number][address_key(new_address(order.ship_to))]
        if isinstance(found, Refused):
            raise found
        return self.customers[number], found


async def import_company(folder: Path, rest: Rest, workers: int, report: Report) -> None:
    """Import all that can be. Raises Away when a service stays away; the next import goes on from there."""
    number = attrgetter("external_id")
    orders = folder / ORDERS
    company = Company(ship_tos(order for _, order in entries(orders, Order, number)))
    for products in slices(entries(folder / PRODUCTS, Product, attrgetter("sku"), report.refused)):
        await import_products(rest, company, products, report)
    for customers in slices(entries(folder / CUSTOMERS, Customer, number, report.refused)):
        await import_customers(rest, company, customers, report)

    async def one(entry: tuple[Place, Order]) -> None:
        try:
            report.done(ORDERS, is_new=await import_order(rest, company, entry[1]))
        except (Refused, ValueError) as error:
            report.refused(Fault(entry[0], str(error)))

    await each_of(entries(orders, Order, number, report.refused), workers, one)


async def import_products(rest: Rest, company: Company, products: list[tuple[Place, Product]], report: Report) -> None:
    """Make products; one whose SKU is there already stays as it is there."""
    rest_of_them = iter(products)
    bodies = [new_product(product) for _, product in products]
    async for answer in each_answer(rest, "products", "/products/bulk", bodies):
        place, product = next(rest_of_them)
        if isinstance(answer, Refused) and answer.kind != "sku-taken":
            report.refused(Fault(place, str(answer)))
            continue
        company.currencies[product.sku] = product.currency
        report.done(PRODUCTS, is_new=not isinstance(answer, Refused) and answer["status"] == 201)


async def import_customers(
    rest: Rest, company: Company, customers: list[tuple[Place, Customer]], report: Report
) -> None:
    """Make customers, or find those with these e-mail addresses; with all addresses that they or their orders name."""
    coming: list[tuple[Place, Newcomer]] = []
    for place, customer in customers:
        try:
            coming.append((place, Newcomer.of(customer, company.ship_tos.get(str(customer.external_id), []))))
        except ValueError as error:
            report.refused(Fault(place, str(error)))
    while coming:
        asked, coming_again = iter(coming), []
        bodies = [newcomer.next_body() for _, newcomer in coming]
        async for answer in each_answer(rest, "customers", "/customers/bulk", bodies):
            place, newcomer = next(asked)
            newcomer.hear(answer)
            if newcomer.refusal:
                report.refused(Fault(place, str(newcomer.refusal)))
            elif newcomer.is_in:
                company.knows(newcomer)
                report.done(CUSTOMERS, is_new=newcomer.is_new)
            else:
                coming_again.append((place, newcomer))
        coming = coming_again


async def import_order(rest: Rest, company: Company, order: Order) -> bool:
    """Make an order (True), or find the one with this number. Waits for what it refers to, which may be on its way."""
    customer_id, address_id = company.places(order)
    body = imported_order(order, customer_id, address_id, order_currency(order, company.currencies))

    async def post() -> bool:
        response = await patiently(lambda: rest.post("orders", "/imported-orders", body))
        return response.status_code == 201

    return await patiently(post, is_on_its_way, ON_ITS_WAY_S)


def is_on_its_way(error: Exception) -> bool:
    """Whether an order was refused for something that `orders` has not heard of yet."""
    return isinstance(error, Refused) and error.kind == "unknown-reference"

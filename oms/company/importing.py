"""The import of a company's folder through the REST services: products, then customers with addresses, then orders.

Every step finds what is there already and says the same, so an import that was cut short is simply begun again. What is
there and says something else is refused, unless an update is asked for.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from pathlib import Path

from chassis.retrying import attempts
from oms.company.bulk import each_answer, slices
from oms.company.concurrency import each_of
from oms.company.exported_orders import ExportedOrder, decode_order, order_key
from oms.company.files import Fault, OnFault, Place, entries
from oms.company.new_customers import Newcomer
from oms.company.northwind import (
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
from oms.company.rest import Away, Refused, Rest, is_on_its_way

PRODUCTS, CUSTOMERS, ORDERS = FILES = ("products.jsonl", "customers.jsonl", "orders.jsonl")

BYTES_A_REQUEST = 4 * 1024 * 1024
"""Exported orders are sent together until they are so long."""


class Outcome(StrEnum):
    """What became of one line of a file."""

    MADE = "made"
    UPDATED = "updated"
    THERE = "there already"
    REFUSED = "refused"


class Report:
    """How an import goes: the lines of each file by their outcome, and why some were refused."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self.outcomes: Counter[tuple[str, Outcome]] = Counter()
        self.faults: list[Fault] = []
        self._on_line = on_line

    def done(self, file: str, *, is_new: bool, is_updated: bool = False) -> None:
        """Count one line that is in."""
        self._count(file, Outcome.MADE if is_new else Outcome.UPDATED if is_updated else Outcome.THERE)

    def refused(self, fault: Fault) -> None:
        """Count one line that is wrong, or that a service does not take."""
        self.faults.append(fault)
        self._count(fault.place.file, Outcome.REFUSED)

    def _count(self, file: str, outcome: Outcome) -> None:
        self.outcomes[file, outcome] += 1
        self._on_line(file)


@dataclass
class Company:
    """What is known so far: the currency of each SKU; each customer's id, and the ids of its addresses.

    `emails` and `ids` have the line of the customer that each is of: no two lines are one person.
    """

    ship_tos: dict[str, list[ShipTo]]
    update: bool = False
    emails: dict[str, Place] = field(default_factory=dict)
    ids: dict[str, Place] = field(default_factory=dict)
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


async def import_company(folder: Path, rest: Rest, workers: int, report: Report, *, update: bool = False) -> None:
    """Import all that can be. Raises Away when a service stays away; the next import goes on from there.

    With `update`, what products and customers say replaces what is here; otherwise a line that differs is refused.
    """
    number = attrgetter("external_id")
    company = Company(ship_tos(each for _, each in order_lines(folder) if isinstance(each, Order)), update)
    for products in slices(entries(folder / PRODUCTS, Product, attrgetter("sku"), report.refused)):
        await import_products(rest, company, products, report)
    for customers in slices(entries(folder / CUSTOMERS, Customer, number, report.refused)):
        await import_customers(rest, company, customers, report)

    async def one(entry: tuple[Place, Order]) -> None:
        try:
            report.done(ORDERS, is_new=await import_order(rest, company, entry[1]))
        except (Refused, ValueError) as error:
            report.refused(Fault(entry[0], str(error)))

    for orders in slices(order_lines(folder, report.refused), weight=_bytes, most=BYTES_A_REQUEST):
        exported = [(place, order) for place, order in orders if isinstance(order, ExportedOrder)]
        if exported:
            await import_exported_orders(rest, exported, report)
        others = [(place, order) for place, order in orders if isinstance(order, Order)]
        await each_of(others, workers, one)


def order_lines(folder: Path, on_fault: OnFault = lambda _: None) -> Iterator[tuple[Place, Order | ExportedOrder]]:
    """The orders of the folder, of this system and of others."""
    return entries(folder / ORDERS, Order, order_key, on_fault, decode_order)


def _bytes(line: tuple[Place, Order | ExportedOrder]) -> int:
    return len(line[1].text) if isinstance(line[1], ExportedOrder) else 0


async def import_products(rest: Rest, company: Company, products: list[tuple[Place, Product]], report: Report) -> None:
    """Make products. One whose SKU is taken is what orders refer to, whether or not it says the same."""
    rest_of_them = iter(products)
    bodies = [new_product(product) for _, product in products]
    async for answer in each_answer(rest, "products", _bulk("/products/bulk", company), bodies):
        place, product = next(rest_of_them)
        if not isinstance(answer, Refused) or answer.kind == "sku-taken":
            company.currencies[product.sku] = product.currency
        if isinstance(answer, Refused):
            report.refused(Fault(place, str(answer)))
        else:
            report.done(PRODUCTS, is_new=answer["status"] == 201, is_updated="updated" in answer)


async def import_customers(
    rest: Rest, company: Company, customers: list[tuple[Place, Customer]], report: Report
) -> None:
    """Make customers, or find those that say the same; with all addresses that they or their orders name."""
    coming: list[tuple[Place, Newcomer]] = []
    for place, customer in customers:
        try:
            email = customer.email if customer.exported else _as_kept(customer.email)
            _check_is_somebody_else(company.emails, email, place, "e-mail address")
            coming.append((place, Newcomer.of(customer, company.ship_tos.get(str(customer.external_id), []))))
        except ValueError as error:
            report.refused(Fault(place, str(error)))
    while coming:
        asked, coming_again = iter(coming), []
        bodies = [newcomer.next_body() for _, newcomer in coming]
        async for answer in each_answer(rest, "customers", _bulk("/customers/bulk", company), bodies):
            place, newcomer = next(asked)
            newcomer.hear(answer)
            if newcomer.refusal:
                report.refused(Fault(place, str(newcomer.refusal)))
            elif newcomer.is_in:
                _take_in(company, place, newcomer, report)
            else:
                coming_again.append((place, newcomer))
        coming = coming_again


def _take_in(company: Company, place: Place, newcomer: Newcomer, report: Report) -> None:
    try:
        _check_is_somebody_else(company.ids, newcomer.id, place, "customer")
    except ValueError as error:
        report.refused(Fault(place, str(error)))
        return
    company.knows(newcomer)
    report.done(CUSTOMERS, is_new=newcomer.is_new, is_updated=newcomer.is_updated)


def _check_is_somebody_else(known: dict[str, Place], key: str, place: Place, what: str) -> None:
    first = known.setdefault(key, place)
    if first is not place:
        raise ValueError(
            f"#/email this {what} is in line {first.line} already; small letters and capitals are the same"
        )


def _as_kept(email: str) -> str:
    return unicodedata.normalize("NFC", email).strip().lower()


def _bulk(path: str, company: Company) -> str:
    return f"{path}?update=true" if company.update else path


async def import_exported_orders(rest: Rest, orders: list[tuple[Place, ExportedOrder]], report: Report) -> None:
    """Make exported orders anew, or find that they are here. Waits for customers who may be on their way there."""
    async for _ in attempts(most_s=2.0):
        asked, waiting, refusal = iter(orders), [], None
        async for answer in each_answer(rest, "orders", "/orders/bulk", [order.text for _, order in orders]):
            place, order = next(asked)
            if not isinstance(answer, Refused):
                report.done(ORDERS, is_new=answer["status"] == 201)
            elif is_on_its_way(answer):
                waiting.append((place, order))
                refusal = answer
            else:
                report.refused(Fault(place, str(answer)))
        if refusal is None:
            return
        try:
            rest.patience.waits(refusal)
        except Refused as error:
            for place, _order in waiting:
                report.refused(Fault(place, str(error)))
            return
        orders = waiting


async def import_order(rest: Rest, company: Company, order: Order) -> bool:
    """Make an order (True), or find the one with this number. Waits for what it refers to, which may be on its way."""
    customer_id, address_id = company.places(order)
    body = imported_order(order, customer_id, address_id, order_currency(order, company.currencies))

    async def post() -> bool:
        response = await rest.post("orders", "/imported-orders", body)
        return response.status_code == 201

    return await rest.patience.until_done(post, lambda error: isinstance(error, Away))

"""Imports customers with all addresses that they or their orders name, as lines of a bulk request."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from oms.company.bulk import each_answer
from oms.company.errors import RequestRefused
from oms.company.files import LineError, Position
from oms.company.importing.import_state import CUSTOMERS, Company, Report
from oms.company.lines.addresses import Address, AddressKey, address_body, address_key
from oms.company.lines.base import Body
from oms.company.lines.customers import Customer, customer_body
from oms.company.rest import Rest

ADDRESSES_PER_LINE = 30
"""Few enough that a line of the longest addresses is below the size limit."""

_IN_ADDRESS = re.compile(r"#/addresses/(\d+)(/.*)?")


@dataclass
class CustomerImport:
    """A customer and its addresses that are not sent yet; after the import, their ids.

    An address that only an order names and that is refused is an error of that order, not of the customer.
    """

    customer: Customer
    own: frozenset[AddressKey]
    pending: dict[AddressKey, Body]
    addresses: dict[AddressKey, str | RequestRefused] = field(default_factory=dict)
    id: str = ""
    is_new: bool = False
    is_updated: bool = False
    refusal: RequestRefused | None = None
    _sent: list[AddressKey] = field(default_factory=list)

    @classmethod
    def of(cls, customer: Customer, ship_tos: Iterable[Address]) -> CustomerImport:
        """A customer of the files, and the addresses of its orders. Raises ValueError for an address of its own."""
        own = [address_body(address) for address in customer.addresses]
        pending = {address_key(body): body for body in [*own, *_valid(ship_tos)]}
        return cls(customer, frozenset(map(address_key, own)), pending)

    @property
    def is_complete(self) -> bool:
        """Whether the customer and all its addresses are imported."""
        return bool(self.id) and not self.pending

    def next_body(self) -> Body:
        """The next line to send."""
        self._sent = list(islice(self.pending, ADDRESSES_PER_LINE))
        return {**customer_body(self.customer), "addresses": [self.pending[key] for key in self._sent]}

    def apply(self, answer: Body | RequestRefused) -> None:
        """Record the service's answer to the last line."""
        if isinstance(answer, RequestRefused):
            self._apply_refusal(answer)
            return
        if not self.id:
            self.id, self.is_new = answer["id"], answer["status"] == 201
        self.is_updated |= "updated" in answer
        for key, address_id in zip(self._sent, answer["addresses"], strict=True):
            self.addresses[key] = address_id
            del self.pending[key]

    def _apply_refusal(self, refusal: RequestRefused) -> None:
        faults: dict[AddressKey, list[tuple[str, str]]] = {}
        for pointer, detail in refusal.faults:
            match = _IN_ADDRESS.fullmatch(pointer)
            key = self._sent[int(match[1])] if match else None
            if match is None or key is None or key in self.own:
                self.refusal = refusal
                return
            faults.setdefault(key, []).append((f"#{match[2] or ''}", detail))
        if not faults:
            self.refusal = refusal
        for key, of_address in faults.items():
            self.addresses[key] = RequestRefused(refusal.status, refusal.kind, refusal.detail, of_address)
            del self.pending[key]


async def import_customers(
    rest: Rest, company: Company, customers: list[tuple[Position, Customer]], report: Report
) -> None:
    """Create customers, or find those that are equal; with all addresses that they or their orders name."""
    pending: list[tuple[Position, CustomerImport]] = []
    for position, customer in customers:
        try:
            if customer.email:
                email = customer.email if customer.exported else _as_stored(customer.email)
                _check_is_another(company.emails, email, position, "#/email this e-mail address")
            ship_tos = company.ship_tos.get(str(customer.external_id), [])
            pending.append((position, CustomerImport.of(customer, ship_tos)))
        except ValueError as error:
            report.refused(LineError(position, str(error)))
    while pending:
        sent, incomplete = iter(pending), []
        bodies = [customer.next_body() for _, customer in pending]
        async for answer in each_answer(rest, "customers", company.bulk_path("/customers/bulk"), bodies):
            position, customer_import = next(sent)
            customer_import.apply(answer)
            if customer_import.refusal:
                report.refused(LineError(position, str(customer_import.refusal)))
            elif customer_import.is_complete:
                _finish(company, position, customer_import, report)
            else:
                incomplete.append((position, customer_import))
        pending = incomplete


def _finish(company: Company, position: Position, done: CustomerImport, report: Report) -> None:
    """Keep what orders need of an imported customer."""
    try:
        _check_is_another(company.ids, done.id, position, "# this customer")
    except ValueError as error:
        report.refused(LineError(position, str(error)))
        return
    number = str(done.customer.external_id)
    company.customers[number], company.addresses[number] = done.id, done.addresses
    report.imported(CUSTOMERS, is_new=done.is_new, is_updated=done.is_updated)


def _check_is_another(known: dict[str, Position], key: str, position: Position, what: str) -> None:
    first = known.setdefault(key, position)
    if first is not position:
        raise ValueError(f"{what} is in line {first.line} already (letter case is ignored)")


def _as_stored(email: str) -> str:
    return unicodedata.normalize("NFC", email).strip().lower()


def _valid(ship_tos: Iterable[Address]) -> Iterator[Body]:
    for ship_to in ship_tos:
        try:
            yield address_body(ship_to)
        except ValueError:
            pass  # reported with the line of the order

"""A customer on the way in, with all addresses that it or its orders name, as lines of a bulk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from oms.company.northwind import AddressKey, Body, Customer, ShipTo, address_key, new_address, new_customer
from oms.company.rest import Refused

ADDRESSES_A_LINE = 30
"""So few that a line is not too long however much each says."""

_IN_ADDRESS = re.compile(r"#/addresses/(\d+)(/.*)?")


@dataclass
class Newcomer:
    """A customer and the addresses that are still to be sent; once it is in, its id and theirs.

    A place that only an order names and that is refused is that order's fault, not the customer's.
    """

    customer: Customer
    own: frozenset[AddressKey]
    wanting: dict[AddressKey, Body]
    addresses: dict[AddressKey, str | Refused] = field(default_factory=dict)
    id: str = ""
    is_new: bool = False
    is_updated: bool = False
    refusal: Refused | None = None
    _asked: list[AddressKey] = field(default_factory=list)

    @classmethod
    def of(cls, customer: Customer, delivered_to: Iterable[ShipTo]) -> Newcomer:
        """A customer of the files and where its orders went. Raises ValueError for an address of its own."""
        own = [new_address(address) for address in customer.addresses]
        wanting = {address_key(body): body for body in [*own, *_usable(delivered_to)]}
        return cls(customer, frozenset(map(address_key, own)), wanting)

    @property
    def is_in(self) -> bool:
        """Whether the customer and all its addresses are there."""
        return bool(self.id) and not self.wanting

    def next_body(self) -> Body:
        """The next line to send."""
        self._asked = list(islice(self.wanting, ADDRESSES_A_LINE))
        return {**new_customer(self.customer), "addresses": [self.wanting[key] for key in self._asked]}

    def hear(self, answer: Body | Refused) -> None:
        """Take what the service says of the last line."""
        if isinstance(answer, Refused):
            self._hear_refusal(answer)
            return
        if not self.id:
            self.id, self.is_new = answer["id"], answer["status"] == 201
        self.is_updated |= "updated" in answer
        for key, address_id in zip(self._asked, answer["addresses"], strict=True):
            self.addresses[key] = address_id
            del self.wanting[key]

    def _hear_refusal(self, refused: Refused) -> None:
        faults: dict[AddressKey, list[tuple[str, str]]] = {}
        for pointer, detail in refused.faults:
            place = _IN_ADDRESS.fullmatch(pointer)
            key = self._asked[int(place[1])] if place else None
            if place is None or key is None or key in self.own:
                self.refusal = refused
                return
            faults.setdefault(key, []).append((f"#{place[2] or ''}", detail))
        if not faults:
            self.refusal = refused
        for key, its in faults.items():
            self.addresses[key] = Refused(refused.status, refused.kind, refused.detail, its)
            del self.wanting[key]


def _usable(places: Iterable[ShipTo]) -> Iterator[Body]:
    for place in places:
        try:
            yield new_address(place)
        except ValueError:
            pass  # said again, with the line of the order

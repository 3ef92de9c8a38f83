"""The state of an import: the outcome of each line, and the ids that later lines refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from oms.company.errors import RequestRefused
from oms.company.files import LineError, Position
from oms.company.lines.addresses import Address, AddressKey, address_body, address_key
from oms.company.lines.orders import Order

CATEGORIES, PRODUCTS, STORES, STOCK, CUSTOMERS, ORDERS = FILES = (
    "categories.jsonl", "products.jsonl", "stores.jsonl", "stock.jsonl", "customers.jsonl", "orders.jsonl",
)  # fmt: skip


class Outcome(StrEnum):
    """What was done for one line of a file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Report:
    """The lines of each file by their outcome, and why some were refused."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self.outcomes: Counter[tuple[str, Outcome]] = Counter()
        self.errors: list[LineError] = []
        self._on_line = on_line

    def imported(self, file: str, *, is_new: bool, is_updated: bool = False) -> None:
        """Count one line that was imported."""
        self.count(file, Outcome.CREATED if is_new else Outcome.UPDATED if is_updated else Outcome.UNCHANGED)

    def refused(self, error: LineError) -> None:
        """Count one line that is invalid, or that a service refused."""
        self.errors.append(error)
        self.count(error.position.file, Outcome.REFUSED)

    def count(self, file: str, outcome: Outcome) -> None:
        """Count one line by its outcome."""
        self.outcomes[file, outcome] += 1
        self._on_line(file)


@dataclass
class Company:
    """What was imported so far: the currency of each SKU; each customer's id, and the ids of its addresses.

    `emails` and `ids` have the line of each customer: two lines must not be the same person.
    """

    ship_tos: dict[str, list[Address]]
    update: bool = False
    emails: dict[str, Position] = field(default_factory=dict)
    ids: dict[str, Position] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, dict[AddressKey, str | RequestRefused]] = field(default_factory=dict)

    def bulk_path(self, path: str) -> str:
        """The path of a bulk request, with `update=true` where existing rows are to be replaced."""
        return f"{path}?update=true" if self.update else path

    def references(self, order: Order) -> tuple[str, str]:
        """The ids of the order's customer and delivery address. Raises ValueError, or the address's RequestRefused."""
        number = str(order.customer)
        if number not in self.customers:
            raise ValueError(f"no such customer was imported: {order.customer}")
        found = self.addresses[number][address_key(address_body(order.ship_to))]
        if isinstance(found, RequestRefused):
            raise found
        return self.customers[number], found

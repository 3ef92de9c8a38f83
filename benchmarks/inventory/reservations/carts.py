"""What buyers of this benchmark want to reserve, and what they must be answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from benchmarks.inventory.shelves import HOT, SOLD_OUT, SPREAD, STORE

Check = Callable[[Sequence[str], bytes], bool]
"""Whether a body is right for the SKUs that were wanted."""


class Part(msgspec.Struct):
    """Units from a store."""

    storeId: str
    quantity: int


class Line(msgspec.Struct):
    """A line of a reservation."""

    sku: str
    quantity: int
    parts: list[Part]


class Reservation(msgspec.Struct):
    """The part of a reservation that is checked."""

    status: str
    lines: list[Line]


class Shortage(msgspec.Struct):
    """A line that is short."""

    sku: str
    wanted: int
    available: int


class Problem(msgspec.Struct):
    """The part of a problem that is checked."""

    type: str
    errors: list[Shortage]


_reservation = msgspec.json.Decoder(Reservation).decode
_problem = msgspec.json.Decoder(Problem).decode


def _is_held(skus: Sequence[str], body: bytes) -> bool:
    return _reservation(body) == Reservation("held", [Line(sku, 1, [Part(STORE, 1)]) for sku in skus])


def _is_short(skus: Sequence[str], body: bytes) -> bool:
    return _problem(body) == Problem("urn:oms:problem:insufficient-stock", [Shortage(sku, 1, 0) for sku in skus])


@dataclass(frozen=True)
class Cart:
    """One unit of each of some SKUs, and the response to it."""

    name: str
    skus: Callable[[], Sequence[str]]
    status: int = 201
    is_right: Check = _is_held


def body(skus: Sequence[str]) -> dict[str, Any]:
    """The body of POST /reservations for one unit of each SKU."""
    return {"lines": [{"sku": sku, "quantity": 1} for sku in skus]}


CARTS = {
    cart.name: cart
    for cart in (
        Cart("three", lambda: random.sample(SPREAD, 3)),
        Cart("one", lambda: [random.choice(SPREAD)]),
        Cart("hot", lambda: [HOT]),
        Cart("sold-out", lambda: [SOLD_OUT], 409, _is_short),
    )
}
"""Three lines and one line of any SKU, one line of the SKU that everybody wants, and of the one that is sold out."""

"""The problems of `inventory`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.http.problem_types import ProblemType
from chassis.http.problems import Problem, fault
from inventory.shortages import ShortLine


def unknown_sku(skus: Sequence[tuple[int, str]]) -> Problem:
    """The 422 of SKUs that are of no product; each with the number of its line."""
    errors = [fault(f"#/lines/{number}/sku", f"product {sku} does not exist") for number, sku in skus]
    return Problem(422, "unknown-sku", "a SKU is of no product", errors=errors)


def insufficient_stock(lines: Sequence[ShortLine]) -> Problem:
    """The 409 of lines that want more units than there are."""
    errors = [
        {
            **fault(f"#/lines/{each.number}", f"{each.sku} wants {each.wanted}, has {each.available}"),
            "sku": each.sku,
            "wanted": each.wanted,
            "available": each.available,
        }
        for each in lines
    ]
    return Problem(409, "insufficient-stock", "there are not enough units", errors=errors)


def no_such_reservation(reservation_id: UUID) -> Problem:
    """The 404 of a reservation."""
    return Problem(404, "reservation-not-found", f"reservation {reservation_id} does not exist")


def not_held(status: str) -> Problem:
    """The 409 of a reservation that has ended."""
    return Problem(409, "reservation-not-held", f"the reservation is {status}; only one that is held can change")


_AN_ID = UUID("01990b42-7d10-7c3e-8f2a-6b1f0c6a7d99")

UNKNOWN_SKU = ProblemType(
    unknown_sku([(0, "NW-0099")]),
    "A line has a SKU of no product.",
    "Correct the SKUs that `errors` names.",
    "/reservations",
)
INSUFFICIENT_STOCK = ProblemType(
    insufficient_stock([ShortLine(1, "NW-0003", 5, 2)]),
    "There are fewer units than wanted; nothing is reserved. `errors` has an entry for each short line, with `sku`, "
    "`wanted` and `available`.",
    "Offer the units that are available, or try later.",
    "/reservations",
)
RESERVATION_NOT_FOUND = ProblemType(
    no_such_reservation(_AN_ID), "There is no reservation with this id.", "Check the id.", f"/reservations/{_AN_ID}"
)
RESERVATION_NOT_HELD = ProblemType(
    not_held("released"),
    "The reservation is released, expired, or an order has taken it over.",
    "Make a new reservation.",
    f"/reservations/{_AN_ID}/extend",
)

TYPES = (UNKNOWN_SKU, INSUFFICIENT_STOCK, RESERVATION_NOT_FOUND, RESERVATION_NOT_HELD)
"""The problem types that only this service returns."""

"""The problems of a store: the status, type and text of each refusal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import Problem, fault
from contracts.stores import AllocationState
from stores.examples import ALLOCATION_ID, SKU, STORE_ID
from stores.rules import MAX_UNITS, CommittedStock, InsufficientStock, Refusal, Stock, TooManyUnits


def no_such_store(store_id: str) -> Problem:
    """The 404 of another store's id."""
    return Problem(404, "store-not-found", f"store {store_id} is not served here")


def no_such_stock(sku: str) -> Problem:
    """The 404 of a SKU that was never here."""
    return Problem(404, "stock-not-found", f"this store has never had {sku}")


def no_such_movement(sku: str, sequence: int) -> Problem:
    """The 404 of a movement."""
    return Problem(404, "movement-not-found", f"{sku} has no movement {sequence} in this store")


def no_such_allocation(allocation_id: UUID) -> Problem:
    """The 404 of an allocation."""
    return Problem(404, "allocation-not-found", f"allocation {allocation_id} does not exist in this store")


def refused(refusal: Refusal, pointer: str = "#/delta") -> Problem:
    """The problem of a refusal; `pointer` is the member of the request that is too large."""
    stock = refusal.stock
    if isinstance(refusal, TooManyUnits):
        detail = f"{stock.sku} would have more than {MAX_UNITS} units"
        return Problem(422, "invalid-request", "the request is invalid", errors=[fault(pointer, detail)])
    units: dict[str, Any] = {
        "onHand": stock.on_hand,
        "unsellable": stock.unsellable,
        "committed": stock.committed,
        "free": max(0, stock.free),
    }
    if isinstance(refusal, CommittedStock):
        detail = f"{stock.sku} has {max(0, stock.free)} free units; the others are committed to orders"
        kind = "committed-stock"
    else:
        detail = f"{stock.sku} has {stock.on_hand} units on hand, of which {stock.unsellable} cannot be sold"
        kind = "insufficient-stock"
    return Problem(409, kind, detail, errors=[fault(pointer, detail)], **units)


def reference_taken(sku: str, reference: str, pointers: tuple[str, ...] = ()) -> Problem:
    """The 409 of a reference that another movement of the SKU has; `pointers` are the members that differ."""
    detail = f"{sku} has a movement with the reference {reference} already"
    errors = [fault("#/reference", detail), *(fault(each, "differs from that movement") for each in pointers)]
    return Problem(409, "reference-taken", detail, errors=errors)


def count_of_the_future(movements: int) -> Problem:
    """The 422 of a count that refers to a movement that has not happened."""
    errors = [fault("#/countedAt", f"must be at most {movements}, the movements of this stock")]
    return Problem(422, "invalid-request", "the request is invalid", errors=errors)


def too_short(quantity: int) -> Problem:
    """The 422 of more missing units than an allocation has."""
    errors = [fault("#/quantity", f"must be at most {quantity}, the quantity of the allocation")]
    return Problem(422, "invalid-request", "the request is invalid", errors=errors)


def not_committed(allocation_id: UUID, state: AllocationState) -> Problem:
    """The 409 of an allocation that has no units any more."""
    return Problem(409, "allocation-not-committed", f"allocation {allocation_id} is {state.value}, not committed")


def changed_meanwhile() -> Problem:
    """The 412 of a resource that was changed concurrently."""
    return Problem(412, "precondition-failed", "the resource was changed concurrently; read it again")


_STOCK = Stock(STORE_ID, SKU, on_hand=5, unsellable=1, committed=3)
_AN_ID = UUID(ALLOCATION_ID)
_MOVEMENTS = f"/stores/{STORE_ID}/stock-movements"

STORE_NOT_FOUND = ProblemType(
    no_such_store("lima"),
    "This process serves another store.",
    "Send the request to the address of that store.",
    "/stores/lima/stock",
)
STOCK_NOT_FOUND = ProblemType(
    no_such_stock("NW-0099"),
    "This store has never had the SKU.",
    "Check the SKU; it is case-sensitive. A movement or a count creates the stock.",
    f"/stores/{STORE_ID}/stock/NW-0099",
)
MOVEMENT_NOT_FOUND = ProblemType(
    no_such_movement(SKU, 99),
    "The SKU has fewer movements.",
    "Check the sequence.",
    f"/stores/{STORE_ID}/stock/{SKU}/movements/99",
)
ALLOCATION_NOT_FOUND = ProblemType(
    no_such_allocation(_AN_ID),
    "There is no allocation with this id in this store.",
    "Check the id.",
    f"/stores/{STORE_ID}/allocations/{ALLOCATION_ID}",
)
INSUFFICIENT_STOCK = ProblemType(
    refused(InsufficientStock(_STOCK)),
    "The units are not on hand. The members have the units of the stock.",
    "Move fewer units. If more are there, count the SKU first.",
    _MOVEMENTS,
)
COMMITTED_STOCK = ProblemType(
    refused(CommittedStock(_STOCK)),
    "The units are on hand, but committed to orders. The members have the units of the stock.",
    "Move fewer units, or send `override` if the units have left: the newest allocations become short.",
    _MOVEMENTS,
)
REFERENCE_TAKEN = ProblemType(
    reference_taken(SKU, "till-3/4711/1"),
    "Another movement of the SKU has this reference.",
    "Do not send a movement twice. A new movement needs a new reference.",
    _MOVEMENTS,
)
NOT_COMMITTED = ProblemType(
    not_committed(_AN_ID, AllocationState.SHIPPED),
    "The allocation is refused, released, shipped or short already.",
    "Read the allocation.",
    f"/stores/{STORE_ID}/allocations/{ALLOCATION_ID}/short",
)

TYPES = (
    STORE_NOT_FOUND,
    STOCK_NOT_FOUND,
    MOVEMENT_NOT_FOUND,
    ALLOCATION_NOT_FOUND,
    INSUFFICIENT_STOCK,
    COMMITTED_STOCK,
    REFERENCE_TAKEN,
    NOT_COMMITTED,
)
"""The problem types that only this service returns."""

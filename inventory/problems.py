"""The problems of `inventory`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import Problem, fault
from contracts.inventory.restocks import RestockStatus
from inventory.decisions.shortages import ShortLine
from inventory.restocking.rules import Command, NotAllowed


def unknown_sku(skus: Sequence[tuple[int, str]]) -> Problem:
    """The 422 of SKUs that are of no product; each with the number of its line."""
    errors = [fault(f"#/lines/{number}/sku", f"product {sku} does not exist") for number, sku in skus]
    return Problem(422, "unknown-sku", "a SKU is of no product", errors=errors)


def unknown_store(store_id: str) -> Problem:
    """The 422 of a store that a request names and that does not exist."""
    detail = f"store {store_id} does not exist"
    return Problem(422, "unknown-store", detail, errors=[fault("#/storeId", detail)])


def invalid_request(errors: Sequence[dict[str, str]]) -> Problem:
    """The 422 of a body whose members do not belong together."""
    return Problem(422, "invalid-request", "The request is invalid.", errors=errors)


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


def no_such_sourcing(order_id: UUID) -> Problem:
    """The 404 of an order about whose stock nothing is decided."""
    return Problem(404, "sourcing-not-found", f"nothing is decided about the stock of order {order_id}")


def no_such_order(order_id: UUID) -> Problem:
    """The 404 of an order that has not arrived here."""
    return Problem(404, "order-not-found", f"order {order_id} is not known here")


def no_such_store(store_id: str) -> Problem:
    """The 404 of a store."""
    return Problem(404, "store-not-found", f"store {store_id} does not exist")


def store_exists(store_id: str) -> Problem:
    """The 409 of a store's id that is in use."""
    detail = f"store {store_id} exists already"
    return Problem(409, "store-exists", detail, errors=[fault("#/id", detail)])


def no_such_policy(store_id: str, sku: str) -> Problem:
    """The 404 of a stock policy."""
    return Problem(404, "stock-policy-not-found", f"there is no policy for {store_id}/{sku}")


def no_such_restock_request(request_id: UUID) -> Problem:
    """The 404 of a restock request."""
    return Problem(404, "restock-request-not-found", f"restock request {request_id} does not exist")


def restock_request_open(store_id: str, sku: str) -> Problem:
    """The 409 of a second open request of a stock."""
    return Problem(409, "restock-request-open", f"{store_id} has an open restock request for {sku} already")


def restock_not_allowed(error: NotAllowed) -> Problem:
    """The 409 of a command that the request's status does not allow."""
    return Problem(409, "restock-not-allowed", f"a restock request that is {error.status} cannot {error.command}")


def unknown_stock(store_id: str, sku: str) -> Problem:
    """The 422 of a stock that no store has reported."""
    detail = f"store {store_id} has no stock of {sku}"
    return Problem(422, "unknown-stock", detail, errors=[fault("#/sku", detail)])


_AN_ID = UUID("01990b42-7d10-7c3e-8f2a-6b1f0c6a7d99")

UNKNOWN_SKU = ProblemType(
    unknown_sku([(0, "NW-0099")]),
    "A line has a SKU of no product, which no store has ever had either.",
    "Correct the SKUs that `errors` names.",
    "/reservations",
)
UNKNOWN_STORE = ProblemType(
    unknown_store("paris"), "There is no store with this id.", "Correct `storeId`, or omit it.", "/reservations"
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

SOURCING_NOT_FOUND = ProblemType(
    no_such_sourcing(_AN_ID),
    "Nothing is decided about the stock of this order: it does not exist, or was placed before inventory's first "
    "start.",
    "Check the id. Retry the sourcing of an order that is left alone.",
    f"/sourcings/{_AN_ID}",
)
ORDER_NOT_FOUND = ProblemType(
    no_such_order(_AN_ID),
    "The order does not exist, or has not arrived here yet.",
    "Check the id, and try again after a moment.",
    f"/sourcings/{_AN_ID}/retry",
)
STORE_NOT_FOUND = ProblemType(no_such_store("lima"), "There is no store with this id.", "Check the id.", "/stores/lima")
STORE_EXISTS = ProblemType(
    store_exists("seattle"), "A store with this id exists already.", "Update that store.", "/stores"
)
POLICY_NOT_FOUND = ProblemType(
    no_such_policy("seattle", "NW-0001"),
    "There is no policy with exactly these names; a less specific one may be valid.",
    "Read the policy with `*` in place of the store or the SKU, or set one.",
    "/stock-policies/seattle/NW-0001",
)
RESTOCK_REQUEST_NOT_FOUND = ProblemType(
    no_such_restock_request(_AN_ID),
    "There is no restock request with this id.",
    "Check the id.",
    f"/restock-requests/{_AN_ID}",
)
RESTOCK_REQUEST_OPEN = ProblemType(
    restock_request_open("seattle", "NW-0003"),
    "The stock has a request that is neither received nor cancelled.",
    "Wait for it, or cancel it.",
    "/restock-requests",
)
RESTOCK_NOT_ALLOWED = ProblemType(
    restock_not_allowed(NotAllowed(RestockStatus.COMPLETED, Command.CANCEL)),
    "The status of the restock request does not allow this command.",
    "Read the request. Requests are accepted, manufactured, completed and received, or cancelled before that.",
    f"/restock-requests/{_AN_ID}/cancel",
)
UNKNOWN_STOCK = ProblemType(
    unknown_stock("seattle", "NW-0099"),
    "The store has never had units of this SKU.",
    "Check the store and the SKU, or book the first units in the store.",
    "/restock-requests",
)

TYPES = (
    UNKNOWN_SKU,
    UNKNOWN_STORE,
    INSUFFICIENT_STOCK,
    RESERVATION_NOT_FOUND,
    RESERVATION_NOT_HELD,
    SOURCING_NOT_FOUND,
    ORDER_NOT_FOUND,
    STORE_NOT_FOUND,
    STORE_EXISTS,
    POLICY_NOT_FOUND,
    RESTOCK_REQUEST_NOT_FOUND,
    RESTOCK_REQUEST_OPEN,
    RESTOCK_NOT_ALLOWED,
    UNKNOWN_STOCK,
)
"""The problem types that only this service returns."""

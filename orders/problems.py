"""How refusals of the rules are told to a client: which status, which kind, which places of the request."""

from __future__ import annotations

from random import randint
from uuid import UUID

from fastapi import FastAPI, Request, Response

from chassis.http.problem_responses import response
from chassis.http.problem_types import ProblemType
from chassis.http.problems import MOST_RETRY_AFTER_S, Problem, fault
from orders.imports.replays import NumberTaken, OrderDiffers
from orders.life_cycle import NotAllowed
from orders.past import NotPossible
from orders.references import NotYetKnown, UnknownReference
from orders.refusal import Refusal, Violation
from orders.rows import TooLarge
from orders.rules import DoesNotFit, NotForSale, PriceDiffers

_PROBLEMS: dict[type[Refusal], tuple[int, str, str]] = {
    UnknownReference: (422, "unknown-reference", "the order refers to something that does not exist"),
    NotYetKnown: (
        503,
        "reference-not-yet-known",
        "the order refers to something that is not known here yet; try again",
    ),
    DoesNotFit: (422, "invalid-request", "the request does not fit"),
    TooLarge: (422, "order-too-large", "the order takes more bytes than an order may"),
    NotPossible: (422, "invalid-request", "the request does not fit"),
    NumberTaken: (409, "external-id-taken", "another order has this externalId in its source"),
    OrderDiffers: (409, "order-differs", "the order is here and says something else"),
    NotForSale: (409, "not-for-sale", "the order cannot be taken as it is"),
    PriceDiffers: (409, "price-differs", "a price is not what was shown"),
    NotAllowed: (409, "not-allowed", "the order's status does not allow this"),
}


def no_such_order(order_id: UUID) -> Problem:
    """The 404 of an order."""
    return Problem(404, "order-not-found", f"there is no order {order_id}")


def problem(refusal: Refusal) -> Problem:
    """The refusal as it is told."""
    status, kind, detail = _PROBLEMS[type(refusal)]
    headers = {"Retry-After": str(randint(1, MOST_RETRY_AFTER_S))} if status == 503 else None
    errors = [fault(each.pointer, each.detail) for each in refusal.violations]
    return Problem(status, kind, detail, errors=errors, headers=headers)


def install(app: FastAPI) -> None:
    """Let `app` answer each refusal as a problem with its violations."""

    async def on_refusal(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        return response(problem(refusal), request)

    app.add_exception_handler(Refusal, on_refusal)


_AN_ID = UUID("01990b41-0c1e-7d52-8b7e-5d3a9c2f4e99")

ORDER_NOT_FOUND = ProblemType(
    no_such_order(_AN_ID), "There is no order with this id.", "Look at the id.", f"/orders/{_AN_ID}"
)
UNKNOWN_REFERENCE = ProblemType(
    problem(UnknownReference([Violation("#/lines/0/sku", "there is no product NW-0099")])),
    "The order refers to a customer, an address or a product that there is not, or to somebody else's address.",
    "Correct what `errors` names.",
    "/orders",
)
NOT_YET_KNOWN = ProblemType(
    problem(NotYetKnown([Violation("#/customerId", "there is no customer 01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10")])),
    "The order refers to something that is not known to this service and may exist: it was made a moment ago, or what "
    "others make does not arrive here at the moment.",
    "Send it again after `Retry-After` seconds, under the same key.",
    "/orders",
)
TOO_LARGE = ProblemType(
    problem(
        TooLarge([Violation("#/lines", "the delivery addresses take 8,261,000 bytes, an order's at most 4,194,304")])
    ),
    "The addresses that the lines go to take more bytes than an order may have for them; `errors` has both numbers.",
    "Make several orders of it, with fewer addresses each.",
    "/orders",
)
NOT_FOR_SALE = ProblemType(
    problem(NotForSale([Violation("#/lines/0/sku", "product NW-0005 is not for sale")])),
    "A product or the customer is not active, or the lines are not in one currency.",
    "Leave out what `errors` names, or make an order for each currency.",
    "/orders",
)
PRICE_DIFFERS = ProblemType(
    problem(PriceDiffers([Violation("#/lines/0/unitPrice", "product NW-0001 costs 18.00 USD now")])),
    "The `unitPrice` that was shown is not the price of today.",
    "Show the price of today and ask again.",
    "/orders",
)
NOT_ALLOWED = ProblemType(
    problem(NotAllowed([Violation("#", "cancel is not possible for an order that is shipped; possible are: deliver")])),
    "The order's status does not allow this.",
    "Read the order: `allowedTransitions` has what it can be next.",
    f"/orders/{_AN_ID}/cancel",
)

EXTERNAL_ID_TAKEN = ProblemType(
    problem(NumberTaken([Violation("#/lines/0/quantity", "the order with this externalId is another one")])),
    "An order with this `externalId` was imported from this `source`, and is another one: `errors` has what differs.",
    "Look which of the two is right, or name the `source` that the number is from.",
    "/imported-orders",
)
ORDER_DIFFERS = ProblemType(
    problem(OrderDiffers([Violation("#/status", "the order that is here says something else")])),
    "An order with this id is here and says something else: `errors` has what differs.",
    "Keep the one that is here. Orders change by commands alone.",
    "/orders/bulk",
)

TYPES = (
    ORDER_NOT_FOUND,
    UNKNOWN_REFERENCE,
    NOT_YET_KNOWN,
    TOO_LARGE,
    NOT_FOR_SALE,
    PRICE_DIFFERS,
    NOT_ALLOWED,
    EXTERNAL_ID_TAKEN,
    ORDER_DIFFERS,
)
"""The types of problems that only this service answers."""

"""How refusals of the rules are told to a client: which status, which kind, which places of the request."""

from __future__ import annotations

from uuid import UUID

from fastapi import FastAPI, Request, Response

from chassis.problem_answers import response
from chassis.problems import Problem, fault
from orders.life_cycle import NotAllowed
from orders.references import UnknownReference
from orders.refusal import Refusal
from orders.rules import DoesNotFit, NotForSale, PriceDiffers

_TOLD: dict[type[Refusal], tuple[int, str, str]] = {
    UnknownReference: (422, "unknown-reference", "the order refers to something that is not known"),
    DoesNotFit: (422, "invalid-request", "the request does not fit"),
    NotForSale: (409, "not-for-sale", "the order cannot be taken as it is"),
    PriceDiffers: (409, "price-differs", "a price is not what was shown"),
    NotAllowed: (409, "not-allowed", "the order's status does not allow this"),
}


def no_such_order(order_id: UUID) -> Problem:
    """The 404 of an order."""
    return Problem(404, "order-not-found", f"there is no order {order_id}")


def install(app: FastAPI) -> None:
    """Let `app` answer each refusal as a problem with its faults."""

    async def on_refusal(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        status, kind, detail = _TOLD[type(refusal)]
        faults = [fault(each.pointer, each.detail) for each in refusal.faults]
        return response(Problem(status, kind, detail, errors=faults), request)

    app.add_exception_handler(Refusal, on_refusal)

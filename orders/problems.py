"""The problems of `orders`: the status, type and text of each refusal."""

from __future__ import annotations

from random import randint
from uuid import UUID

from fastapi import FastAPI, Request, Response

from chassis.http.errors.problem_responses import response
from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import MAX_RETRY_AFTER_S, Problem, fault
from orders.fulfilment.labels import AddressPacked, address_packed
from orders.fulfilment.rules import FollowsShipments, follows_shipments
from orders.imports.replays import ExternalIdConflict, NumberTaken, OrderDiffers
from orders.placement.rows import TooLarge
from orders.placement.rules import InvalidOrder, NotForSale, PriceDiffers
from orders.refusal import Refusal, Violation
from orders.replica.references import NotYetKnown, UnknownReference
from orders.sourcing.rules import SourcedByInventory, UnitsAreMissing, sourced_by_inventory, units_are_missing
from orders.statuses.life_cycle import Command, NotAllowed
from orders.statuses.past import NotPossible

_PROBLEMS: dict[type[Refusal], tuple[int, str, str]] = {
    UnknownReference: (422, "unknown-reference", "the order refers to something that does not exist"),
    NotYetKnown: (
        503,
        "reference-not-yet-known",
        "the order refers to something that is not known here yet; retry later",
    ),
    InvalidOrder: (422, "invalid-request", "the request is invalid"),
    TooLarge: (422, "order-too-large", "the order is too large"),
    NotPossible: (422, "invalid-request", "the request is invalid"),
    ExternalIdConflict: (409, "external-id-taken", "another order of this source has this externalId"),
    NumberTaken: (409, "number-taken", "another order has this number"),
    OrderDiffers: (409, "order-differs", "the order exists and differs"),
    NotForSale: (409, "not-for-sale", "a line cannot be ordered"),
    PriceDiffers: (409, "price-differs", "a price has changed"),
    NotAllowed: (409, "not-allowed", "the order's status does not allow this"),
    SourcedByInventory: (409, "sourced-by-inventory", "inventory confirms or rejects this order"),
    UnitsAreMissing: (409, "units-missing", "stores do not have all units of this order"),
    AddressPacked: (409, "address-packed", "a parcel has this address on its label"),
    FollowsShipments: (409, "follows-shipments", "this order follows its shipments"),
}


def no_such_order(order_id: UUID) -> Problem:
    """The 404 of an order."""
    return Problem(404, "order-not-found", f"order {order_id} does not exist")


def problem(refusal: Refusal) -> Problem:
    """The problem that reports a refusal."""
    status, kind, detail = _PROBLEMS[type(refusal)]
    headers = {"Retry-After": str(randint(1, MAX_RETRY_AFTER_S))} if status == 503 else None
    errors = [fault(each.pointer, each.detail) for each in refusal.violations]
    return Problem(status, kind, detail, errors=errors, headers=headers)


def install(app: FastAPI) -> None:
    """Make `app` answer each refusal with its problem."""

    async def on_refusal(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        return response(problem(refusal), request)

    app.add_exception_handler(Refusal, on_refusal)


_AN_ID = UUID("01990b41-0c1e-7d52-8b7e-5d3a9c2f4e99")

ORDER_NOT_FOUND = ProblemType(
    no_such_order(_AN_ID), "There is no order with this id.", "Check the id.", f"/orders/{_AN_ID}"
)
UNKNOWN_REFERENCE = ProblemType(
    problem(UnknownReference([Violation("#/lines/0/sku", "product NW-0099 does not exist")])),
    "The order refers to a customer, an address or a product that does not exist, or to another customer's address.",
    "Correct what `errors` names.",
    "/orders",
)
NOT_YET_KNOWN = ProblemType(
    problem(NotYetKnown([Violation("#/customerId", "customer 01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10 does not exist")])),
    "The order refers to something that this service does not know yet: it was created a moment ago, or replication is "
    "delayed.",
    "Retry after `Retry-After` seconds with the same Idempotency-Key.",
    "/orders",
)
TOO_LARGE = ProblemType(
    problem(TooLarge([Violation("#/lines", "the delivery addresses take 8,261,000 bytes, the limit is 4,194,304")])),
    "The delivery addresses of the lines are larger than the limit of an order; `errors` has both sizes.",
    "Split it into several orders with fewer addresses.",
    "/orders",
)
NOT_FOR_SALE = ProblemType(
    problem(NotForSale([Violation("#/lines/0/sku", "product NW-0005 is inactive")])),
    "A product or the customer is inactive, or the lines have different currencies.",
    "Remove the lines that `errors` names, or place an order for each currency.",
    "/orders",
)
PRICE_DIFFERS = ProblemType(
    problem(PriceDiffers([Violation("#/lines/0/unitPrice", "the current price of product NW-0001 is 18.00 USD")])),
    "A `unitPrice` in the request is not the current price.",
    "Show the current price to the user and send the order again.",
    "/orders",
)
NOT_ALLOWED = ProblemType(
    problem(NotAllowed([Violation("#", "cancel is not possible when the order is shipped; possible: deliver")])),
    "The order's status does not allow this.",
    "Read the order: `allowedTransitions` lists the possible next statuses.",
    f"/orders/{_AN_ID}/cancel",
)

SOURCED_BY_INVENTORY = ProblemType(
    problem(sourced_by_inventory(Command.CONFIRM)),
    "Inventory reserves units for this order, and confirms or rejects it by what is available.",
    "Wait: the order's status follows. Cancel the order if it is not wanted. `OMS_INVENTORY=off` allows both by hand.",
    f"/orders/{_AN_ID}/confirm",
)
FOLLOWS_SHIPMENTS = ProblemType(
    problem(follows_shipments(Command.SHIP)),
    "The order has shipments that are under way: it is shipped and delivered when they are.",
    "Dispatch, deliver or cancel its shipments: the order's status follows.",
    f"/orders/{_AN_ID}/ship",
)
UNITS_MISSING = ProblemType(
    problem(units_are_missing("short: NW-0001 wants 5 more")),
    "A store turned out not to have units that it had committed to the order; `errors` names them.",
    "Wait: other stores are asked, and units that arrive go to this order first. Cancel the order if it is not wanted.",
    f"/orders/{_AN_ID}/ship",
)
ADDRESS_PACKED = ProblemType(
    problem(address_packed(_AN_ID)),
    "A shipment of the order to this address is packed: its label has the address.",
    "Cancel the shipment, correct the address, and plan it again with `POST /shipments` of `shipping`.",
    f"/orders/{_AN_ID}/correct-address",
)
EXTERNAL_ID_TAKEN = ProblemType(
    problem(ExternalIdConflict([Violation("#/lines/0/quantity", "differs from the imported order")])),
    "A different order with this `externalId` was imported from this `source`; `errors` lists the differences.",
    "Check which of the two is right, or send the `source` of the number.",
    "/imported-orders",
)
NUMBER_TAKEN = ProblemType(
    problem(NumberTaken([Violation("#/number", "another order has the number 1042")])),
    "An order with another id has this number: the export is from a system that has numbered its own orders.",
    "Omit `number`: the order gets a new one. Send its former number as `externalId`, with a `source`.",
    "/orders/bulk",
)
ORDER_DIFFERS = ProblemType(
    problem(OrderDiffers([Violation("#/status", "differs from the existing order")])),
    "An order with this id exists and differs; `errors` lists the differences.",
    "Keep the existing order. Orders change only through commands.",
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
    SOURCED_BY_INVENTORY,
    FOLLOWS_SHIPMENTS,
    UNITS_MISSING,
    ADDRESS_PACKED,
    EXTERNAL_ID_TAKEN,
    NUMBER_TAKEN,
    ORDER_DIFFERS,
)
"""The problem types that only this service returns."""

"""The problems of `shipping`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import FastAPI, Request, Response

from chassis.http.errors.problem_responses import response
from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import Problem, fault
from shipping.days.rules import DayRule
from shipping.returns.decisions.rules import ReturnRule
from shipping.shipments.decisions.rules import Rule, RuleBroken, Violation


def business_rule(broken: RuleBroken) -> Problem:
    """The 409 of a command that breaks rules: all of them, each with its name."""
    errors = [{**fault(each.pointer, each.detail), "rule": each.rule.value} for each in broken.violations]
    return Problem(409, "business-rule", "the command breaks a rule", errors=errors)


def install(app: FastAPI) -> None:
    """Make `app` answer commands that break rules with their problem."""

    async def on_broken(request: Request, broken: Exception) -> Response:
        assert isinstance(broken, RuleBroken)
        return response(business_rule(broken), request)

    app.add_exception_handler(RuleBroken, on_broken)


def no_such_shipment(shipment_id: UUID) -> Problem:
    """The 404 of a shipment."""
    return Problem(404, "shipment-not-found", f"shipment {shipment_id} does not exist")


def no_such_version(identity: UUID, kind: str = "shipment") -> Problem:
    """The 404 of a shipment, or another `kind`, that did not exist yet, or does not have this version."""
    return Problem(404, "version-not-found", f"{kind} {identity} had no such version")


def no_such_return(return_id: UUID) -> Problem:
    """The 404 of a return."""
    return Problem(404, "return-not-found", f"return {return_id} does not exist")


def no_such_order(order_id: UUID) -> Problem:
    """The 404 of an order that has not arrived here."""
    return Problem(404, "order-not-found", f"order {order_id} is not known here")


def not_ready(order_id: UUID, why: str) -> Problem:
    """The 409 of an order that cannot be shipped as it is."""
    return Problem(409, "order-not-ready", f"order {order_id} cannot be shipped: {why}")


def tracking_number_taken(carrier: str) -> Problem:
    """The 409 of a tracking number that another parcel has."""
    detail = f"another parcel has this tracking number of {carrier}"
    return Problem(409, "tracking-number-taken", detail, errors=[fault("#/trackingNumber", detail)])


def no_such_carrier(carrier: str) -> Problem:
    """The 404 of a carrier without a secret."""
    return Problem(404, "carrier-not-found", f"carrier {carrier} has no secret here")


def not_signed() -> Problem:
    """The 401 of a carrier's message whose signature is wrong or too old."""
    return Problem(401, "signature-invalid", "The signature of the message is missing, wrong or too old.")


def in_the_future() -> Problem:
    """The 422 of a time that has not come."""
    return invalid_request([fault("#/at", "is in the future")])


def invalid_request(errors: Sequence[dict[str, str]]) -> Problem:
    """The 422 of a body whose members do not belong together."""
    return Problem(422, "invalid-request", "The request is invalid.", errors=errors)


def no_such_depot(depot: str) -> Problem:
    """The 404 of a depot."""
    return Problem(404, "depot-not-found", f"depot {depot} does not exist")


def no_such_delivery(shipment_id: UUID) -> Problem:
    """The 404 of a delivery that is not on this day."""
    return Problem(404, "delivery-not-found", f"shipment {shipment_id} has no delivery on this day")


def no_such_day_version(depot: str) -> Problem:
    """The 404 of a delivery day that had no events yet, or does not have this version."""
    return Problem(404, "version-not-found", f"this day of depot {depot} had no such version")


_AN_ID = UUID("5f2b3a54-6f0e-5c0e-9a51-2d5f6a1b7c99")
_BROKEN = RuleBroken([Violation(Rule.ONLY_PLANNED_IS_PACKED, "The shipment is dispatched and cannot be packed.", "#")])

BUSINESS_RULE = ProblemType(
    business_rule(_BROKEN),
    "The command breaks rules. `errors` has an entry for each, with its name in `rule`: "
    + ", ".join(dict.fromkeys(f"`{each}`" for each in (*Rule, *ReturnRule, *DayRule)))
    + ".",
    "Read the shipment, the return or the delivery day; `errors` says what is possible.",
    f"/shipments/{_AN_ID}/pack",
)
SHIPMENT_NOT_FOUND = ProblemType(
    no_such_shipment(_AN_ID), "There is no shipment with this id.", "Check the id.", f"/shipments/{_AN_ID}"
)
VERSION_NOT_FOUND = ProblemType(
    no_such_version(_AN_ID),
    "The shipment, the return or the day did not have this version, or did not exist at this time.",
    "Read its events.",
    f"/shipments/{_AN_ID}",
)
RETURN_NOT_FOUND = ProblemType(
    no_such_return(_AN_ID), "There is no return with this id.", "Check the id.", f"/returns/{_AN_ID}"
)
ORDER_NOT_FOUND = ProblemType(
    no_such_order(_AN_ID),
    "The order does not exist, or has not arrived here yet.",
    "Check the id, and try again after a moment.",
    "/shipments",
)
ORDER_NOT_READY = ProblemType(
    not_ready(_AN_ID, "it is placed"),
    "The order is not confirmed, its stores have not committed its units, or units left before it had a shipment.",
    "Wait until it is confirmed. Close an order of which units left without a shipment by hand (`ship`).",
    "/shipments",
)
TRACKING_NUMBER_TAKEN = ProblemType(
    tracking_number_taken("dhl"),
    "Another parcel has this tracking number of the carrier.",
    "Check the number.",
    f"/shipments/{_AN_ID}/parcels/1",
)
CARRIER_NOT_FOUND = ProblemType(
    no_such_carrier("acme"),
    "No secret is configured for this carrier.",
    "Check the carrier's code; set `OMS_CARRIER_SECRETS`.",
    "/carriers/acme/events",
)
SIGNATURE_INVALID = ProblemType(
    not_signed(),
    "The message has no valid signature of this carrier, or is older than five minutes.",
    "Sign it as Standard Webhooks specify, with the secret of the carrier.",
    "/carriers/dhl/events",
)

DEPOT_NOT_FOUND = ProblemType(
    no_such_depot("berlin"), "There is no depot with this id.", "Check the id; `PUT` creates it.", "/depots/berlin"
)
DELIVERY_NOT_FOUND = ProblemType(
    no_such_delivery(_AN_ID),
    "The shipment has no delivery on this day.",
    "Read the `window` of the shipment.",
    f"/delivery-days/berlin/2026-02-02/deliveries/{_AN_ID}",
)

TYPES = (
    BUSINESS_RULE,
    SHIPMENT_NOT_FOUND,
    RETURN_NOT_FOUND,
    VERSION_NOT_FOUND,
    ORDER_NOT_FOUND,
    ORDER_NOT_READY,
    TRACKING_NUMBER_TAKEN,
    CARRIER_NOT_FOUND,
    SIGNATURE_INVALID,
    DEPOT_NOT_FOUND,
    DELIVERY_NOT_FOUND,
)
"""The problem types that only this service returns."""

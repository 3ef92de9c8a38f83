"""What `customers` refuses, as problems."""

from __future__ import annotations

from uuid import UUID

from chassis.problem_types import ProblemType
from chassis.problems import Problem, fault


def no_such_customer(customer_id: UUID) -> Problem:
    """The 404 of a customer."""
    return Problem(404, "customer-not-found", f"there is no customer {customer_id}")


def no_such_address(address_id: UUID) -> Problem:
    """The 404 of an address."""
    return Problem(404, "address-not-found", f"there is no address {address_id}")


def email_taken() -> Problem:
    """The 409 of an email address that another customer has."""
    detail = "another customer has this email address"
    return Problem(409, "email-taken", detail, errors=[fault("#/email", detail)])


def changed_meanwhile() -> Problem:
    """The 412 of a race lost at the last moment."""
    return Problem(412, "precondition-failed", "the resource was changed meanwhile; read it again")


_AN_ID = UUID("01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d99")

CUSTOMER_NOT_FOUND = ProblemType(
    no_such_customer(_AN_ID),
    "There is no customer with this id.",
    "Look at the id. Who was deleted does not come back.",
    f"/customers/{_AN_ID}",
)
ADDRESS_NOT_FOUND = ProblemType(
    no_such_address(_AN_ID),
    "There is no address with this id.",
    "Look at the id. What was deleted does not come back.",
    f"/addresses/{_AN_ID}",
)
EMAIL_TAKEN = ProblemType(
    email_taken(),
    "Another customer has this email address.",
    "Find that customer, by `GET /customers?email=…`, or take another address.",
    "/customers",
)

TYPES = (CUSTOMER_NOT_FOUND, ADDRESS_NOT_FOUND, EMAIL_TAKEN)
"""The types of problems that only this service answers."""

"""What `customers` refuses, as problems."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.http.problem_types import ProblemType
from chassis.http.problems import Problem, fault


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


def says_something_else(pointers: Sequence[str]) -> Problem:
    """The 409 of a line whose customer is here and says something else; `pointers` are the members that differ."""
    errors = [fault(pointer, "the customer that is here says something else") for pointer in pointers]
    taken = [fault("#/email", "the customer with this email address is here")]
    return Problem(409, "email-taken", "the customer is here and says something else", errors=taken + errors)


def id_taken(pointer: str, detail: str) -> Problem:
    """The 409 of a row that is to be made under an id that another one has, or for another one."""
    return Problem(409, "id-taken", "an id is another row's", errors=[fault(pointer, detail)])


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
    "Find that customer, by `GET /customers?email=…`, or take another address. In a bulk, `errors` has what differs: "
    "ask for `update=true` to replace it.",
    "/customers",
)

ID_TAKEN = ProblemType(
    id_taken("#/addresses/0/exported/id", "this address is another customer's"),
    "A line of a bulk is to make a row under an id that another row has.",
    "Leave `exported` out, for a new id, or look whether the line is right.",
    "/customers/bulk",
)

TYPES = (CUSTOMER_NOT_FOUND, ADDRESS_NOT_FOUND, EMAIL_TAKEN, ID_TAKEN)
"""The types of problems that only this service answers."""

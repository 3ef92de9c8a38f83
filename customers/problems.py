"""The problems of `customers`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import Problem, fault


def no_such_customer(customer_id: UUID) -> Problem:
    """The 404 of a customer."""
    return Problem(404, "customer-not-found", f"customer {customer_id} does not exist")


def no_such_address(address_id: UUID) -> Problem:
    """The 404 of an address."""
    return Problem(404, "address-not-found", f"address {address_id} does not exist")


def email_taken() -> Problem:
    """The 409 of an email address that is in use."""
    detail = "another customer has this email address"
    return Problem(409, "email-taken", detail, errors=[fault("#/email", detail)])


def customer_differs(pointers: Sequence[str], *, has_email: bool) -> Problem:
    """The 409 of a line whose customer exists and differs; `pointers` are the members that differ."""
    errors = [fault(pointer, "differs from the existing customer") for pointer in pointers]
    taken = [fault("#/email", "a customer with this email address exists")] if has_email else []
    return Problem(409, "email-taken", "the customer exists and differs", errors=taken + errors)


def id_taken(pointer: str, detail: str) -> Problem:
    """The 409 of an id that belongs to another row."""
    return Problem(409, "id-taken", "the id belongs to another row", errors=[fault(pointer, detail)])


def changed_meanwhile() -> Problem:
    """The 412 of a resource that was changed concurrently."""
    return Problem(412, "precondition-failed", "the resource was changed concurrently; read it again")


def not_with_name(parameters: Sequence[str]) -> Problem:
    """The 422 of parameters that exclude a search by name."""
    detail = "`name` cannot be combined with other filters or a sort order"
    errors = [{"parameter": each, "in": "query", "detail": detail} for each in ("name", *parameters)]
    return Problem(422, "invalid-request", "The request is invalid.", errors=errors)


def no_words(most: int) -> Problem:
    """The 422 of a name to search for that has no words, or too many."""
    fault = {"parameter": "name", "in": "query", "detail": f"must have 1 to {most} words"}
    return Problem(422, "invalid-request", "The request is invalid.", errors=[fault])


_AN_ID = UUID("01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d99")

CUSTOMER_NOT_FOUND = ProblemType(
    no_such_customer(_AN_ID),
    "There is no customer with this id.",
    "Check the id. Deleted customers cannot be restored.",
    f"/customers/{_AN_ID}",
)
ADDRESS_NOT_FOUND = ProblemType(
    no_such_address(_AN_ID),
    "There is no address with this id.",
    "Check the id. Deleted addresses cannot be restored.",
    f"/addresses/{_AN_ID}",
)
EMAIL_TAKEN = ProblemType(
    email_taken(),
    "Another customer has this email address.",
    "Find that customer with `GET /customers?email=…`, or use another email address. In a bulk import, `errors` lists "
    "the differences; send `update=true` to replace the customer.",
    "/customers",
)

ID_TAKEN = ProblemType(
    id_taken("#/addresses/0/exported/id", "this address belongs to another customer"),
    "A line of a bulk import uses an id that belongs to another row.",
    "Remove `exported` to get a new id, or correct the line.",
    "/customers/bulk",
)

TYPES = (CUSTOMER_NOT_FOUND, ADDRESS_NOT_FOUND, EMAIL_TAKEN, ID_TAKEN)
"""The problem types that only this service returns."""

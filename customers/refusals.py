"""What `customers` refuses, as problems."""

from __future__ import annotations

from uuid import UUID

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

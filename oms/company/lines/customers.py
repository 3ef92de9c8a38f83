"""A line of customers.jsonl, the request body made from it, and the line made from an exported customer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.company.lines.addresses import CustomerAddress
from oms.company.lines.base import Body, Exported, Line, body_of, exported_member, without_nulls


class Customer(Line, kw_only=True, frozen=True):
    """One line of customers.jsonl."""

    external_id: str | int
    company: str | None = None
    name: str | None = None
    last_name: str | None = None
    email: str | None = None
    identity_document: str | None = None
    phone: str | None = None
    active: bool = True
    addresses: tuple[CustomerAddress, ...] = ()
    exported: Exported | None = None


def customer_body(customer: Customer) -> Body:
    """A line of POST /customers/bulk, without its addresses."""
    exported = customer.exported
    return {**body_of(customer, "external_id", "addresses", exported=exported), **exported_member(exported)}


def customer_line(customer: Mapping[str, Any]) -> Body:
    """A line of customers.jsonl from a customer as its service exports it. Its `externalId` is the id it has here."""
    members = {name: value for name, value in customer.items() if name != "addresses"}
    addresses = [without_nulls(each) for each in customer["addresses"]]
    return without_nulls({"externalId": customer["exported"]["id"], **members, "addresses": addresses})

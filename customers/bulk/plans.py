"""Decides what an import writes for a line, from the existing rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uuid_utils.compat import uuid7

from chassis.bulk.exported import member_pointer
from chassis.databases.mysql import Row
from chassis.http.errors.problems import Problem
from customers.bulk.models import AddressInLine, CustomerLine
from customers.models import AddressInput, CustomerInput
from customers.problems import customer_differs, email_taken, id_taken

CustomerKey = tuple[Any, ...]
"""All values of a customer."""


def customer_key(line: CustomerInput) -> CustomerKey:
    """What identifies a customer without an email address."""
    return tuple(getattr(line, name) for name in CustomerInput.model_fields)


def key_of_row(row: Row) -> CustomerKey:
    """The key of a stored customer."""
    return tuple(_stored(row)[name] for name in CustomerInput.model_fields)


@dataclass(frozen=True)
class ExistingRows:
    """The existing rows that lines may refer to: by email address, by all values without one, and by id."""

    by_email: Mapping[str, Row]
    by_values: Mapping[CustomerKey, Row]
    by_id: Mapping[str, Row]
    addresses: Mapping[str, Row]


@dataclass(frozen=True)
class Plan:
    """What is written for a line. `row` is the existing customer, None for a new one.

    Addresses that have an id are either new, or changed, with the row that they replace.
    """

    line: CustomerLine
    id: str
    row: Row | None
    is_changed: bool
    new_addresses: Sequence[AddressInLine]
    changed_addresses: Sequence[tuple[AddressInLine, Row]]

    @property
    def is_update(self) -> bool:
        """Whether an existing row is replaced."""
        return self.is_changed or bool(self.changed_addresses)


def decide(line: CustomerLine, existing: ExistingRows, *, update: bool) -> Plan | Problem:
    """The plan of a line, or its problem: another customer's email or id, or differences without `update`."""
    of_email = existing.by_email.get(line.email) if line.email else None
    if line.exported:
        row = existing.by_id.get(str(line.exported.id))
    else:
        row = of_email if line.email else existing.by_values.get(customer_key(line))
    if of_email is not None and (row is None or row["id"] != of_email["id"]):
        return email_taken()
    customer_id = row["id"] if row else str(line.exported.id) if line.exported else str(uuid7())
    new, changed, pointers = [], [], _differing(row, line, CustomerInput) if row else []
    is_changed = bool(pointers)
    for place, address in enumerate(line.addresses):
        there = existing.addresses.get(str(address.exported.id)) if address.exported else None
        if address.exported and there is None:
            new.append(address)
        if there is None:
            continue
        if there["customer_id"] != customer_id:
            return id_taken(f"#/addresses/{place}/exported/id", "this address belongs to another customer")
        if differing := _differing(there, address, AddressInput):
            changed.append((address, there))
            pointers += [f"#/addresses/{place}{pointer.removeprefix('#')}" for pointer in differing]
    if pointers and not update:
        return customer_differs(pointers, has_email=bool(line.email))
    return Plan(line, customer_id, row, is_changed, new, changed)


def _differing(
    row: Row, requested: CustomerInput | AddressInput, model: type[CustomerInput] | type[AddressInput]
) -> list[str]:
    here = _stored(row)
    return [member_pointer(name) for name in model.model_fields if here[name] != getattr(requested, name)]


def _stored(row: Row) -> Row:
    return row if "active" not in row else {**row, "active": bool(row["active"])}

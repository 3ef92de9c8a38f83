"""What becomes of one line of a bulk, decided from what is here. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uuid_utils.compat import uuid7

from chassis.bulk.exported import member
from chassis.databases.mysql import Row
from chassis.http.problems import Problem
from customers.bulk.models import AddressInLine, CustomerLine
from customers.models import AddressInput, CustomerInput
from customers.problems import customer_differs, email_taken, id_taken


@dataclass(frozen=True)
class Here:
    """The rows that lines may be about."""

    by_email: Mapping[str, Row]
    by_id: Mapping[str, Row]
    addresses: Mapping[str, Row]


@dataclass(frozen=True)
class Plan:
    """What is written for a line. `row` is its customer as it is here, None for a new one.

    Addresses that name their id are new ones, or changed ones with the rows that they replace.
    """

    line: CustomerLine
    id: str
    row: Row | None
    is_changed: bool
    new_addresses: Sequence[AddressInLine]
    changed_addresses: Sequence[tuple[AddressInLine, Row]]

    @property
    def is_update(self) -> bool:
        """Whether something that is here is replaced."""
        return self.is_changed or bool(self.changed_addresses)


def decide(line: CustomerLine, here: Here, *, update: bool) -> Plan | Problem:
    """The plan of a line, or its refusal: for another customer's email address or id, or without `update` for what it
    says else than its customer."""
    of_email = here.by_email.get(line.email)
    row = here.by_id.get(str(line.exported.id)) if line.exported else of_email
    if of_email is not None and (row is None or row["id"] != of_email["id"]):
        return email_taken()
    customer_id = row["id"] if row else str(line.exported.id) if line.exported else str(uuid7())
    new, changed, pointers = [], [], _differing(row, line, CustomerInput) if row else []
    is_changed = bool(pointers)
    for place, address in enumerate(line.addresses):
        there = here.addresses.get(str(address.exported.id)) if address.exported else None
        if address.exported and there is None:
            new.append(address)
        if there is None:
            continue
        if there["customer_id"] != customer_id:
            return id_taken(f"#/addresses/{place}/exported/id", "this address is another customer's")
        if differing := _differing(there, address, AddressInput):
            changed.append((address, there))
            pointers += [f"#/addresses/{place}{pointer.removeprefix('#')}" for pointer in differing]
    if pointers and not update:
        return customer_differs(pointers)
    return Plan(line, customer_id, row, is_changed, new, changed)


def _differing(
    row: Row, said: CustomerInput | AddressInput, what: type[CustomerInput] | type[AddressInput]
) -> list[str]:
    here = row if "active" not in row else {**row, "active": bool(row["active"])}
    return [member(name) for name in what.model_fields if here[name] != getattr(said, name)]

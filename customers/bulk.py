"""Many customers with their addresses at once: who is new is made, who is here stays, addresses are added."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from uuid_utils.compat import uuid7

from chassis.bulk import Done, Outcome
from chassis.bulk_writing import write_together
from chassis.mysql import Connection, Database, LostRace, transact
from customers import bulk_repository
from customers.bulk_models import CustomerLine
from customers.bulk_repository import AddressKey, address_key

Addresses = dict[tuple[str, AddressKey], str]
"""Ids of addresses by their customer and what they say."""


async def write_customers(database: Database, lines: Sequence[CustomerLine]) -> list[Outcome]:
    """Write them in one transaction, or in few when somebody else writes the same. Raises Unavailable."""

    async def write(batch: Sequence[CustomerLine]) -> Sequence[Outcome]:
        return await _write(database, batch)

    return await write_together(lines, lambda line: line.email, write)


async def _write(database: Database, lines: Sequence[CustomerLine]) -> list[Outcome]:
    async with database.reading() as connection:
        here = await bulk_repository.find_by_email(connection, [line.email for line in lines])
    new = {line.email: str(uuid7()) for line in lines if line.email not in here}
    ids = [new.get(line.email) or here[line.email]["id"] for line in lines]

    async def make(tx: Connection) -> Addresses:
        by_id = dict(zip(ids, lines, strict=True))
        if new:
            await bulk_repository.insert_customers(
                tx, {customer_id: by_id[customer_id] for customer_id in new.values()}
            )
        return await _with_addresses(tx, by_id, set(new.values()))

    addresses = await transact(database, make)
    return [
        Done(
            HTTPStatus.CREATED if line.email in new else HTTPStatus.OK,
            {
                "id": customer_id,
                "version": 1 if line.email in new else here[line.email]["version"],
                "addresses": [addresses[customer_id, address_key(address)] for address in line.addresses],
            },
        )
        for customer_id, line in zip(ids, lines, strict=True)
    ]


async def _with_addresses(tx: Connection, lines: dict[str, CustomerLine], new: set[str]) -> Addresses:
    """The ids of all addresses of the lines, by the customer's id, once those that are wanting are made."""
    asked = [(customer_id, address_key(each)) for customer_id, line in lines.items() for each in line.addresses]
    before = {customer_id for customer_id, _ in asked} - new
    found: Addresses = {}
    if before:
        if await bulk_repository.lock_customers(tx, before) != before:
            raise LostRace("the database")  # one was deleted meanwhile: begin again, and make it
        found = await bulk_repository.find_addresses(tx, list(before))
    wanting = {place: str(uuid7()) for place in dict.fromkeys(asked) if place not in found}
    if wanting:
        await bulk_repository.insert_addresses(tx, wanting)
    return found | wanting

"""Imports customers with their addresses: new ones are created, different ones refused or replaced."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from itertools import chain

from uuid_utils.compat import uuid7

from chassis.bulk.bulk import LineResult, Outcome
from chassis.bulk.writing import write_together
from chassis.databases.mysql import Connection, Database, LockConflict, transact
from chassis.http.errors.problems import Problem
from customers.bulk import repository as bulk_repository
from customers.bulk.models import CustomerLine
from customers.bulk.plans import Plan, customer_key, decide
from customers.bulk.repository import AddressKey, NewAddress, address_key

Addresses = dict[tuple[str, AddressKey], str]
"""Ids of addresses by their customer and their values."""


async def write_customers(database: Database, lines: Sequence[CustomerLine], *, update: bool) -> list[Outcome]:
    """Write customers in one transaction, or in a few if others write the same ones. Raises Unavailable."""

    async def write(batch: Sequence[CustomerLine]) -> Sequence[Outcome]:
        return await _write(database, batch, update=update)

    return await write_together(lines, _key, write)


def _key(line: CustomerLine) -> str:
    return line.email or repr(customer_key(line))


async def _write(database: Database, lines: Sequence[CustomerLine], *, update: bool) -> list[Outcome]:
    async with database.reading() as connection:
        existing = await bulk_repository.find_existing(connection, lines)
    decided = [decide(line, existing, update=update) for line in lines]
    plans = [each for each in decided if isinstance(each, Plan)]

    async def make(tx: Connection) -> tuple[Addresses, dict[str, int]]:
        versions = await _versions(tx, plans)
        if new := {plan.id: plan.line for plan in plans if plan.row is None}:
            await bulk_repository.insert_customers(tx, new, versions)
        for plan in plans:
            if plan.is_changed and plan.row:
                await bulk_repository.update_customer(tx, plan.line, plan.row)
        return await _with_addresses(tx, plans, versions), versions

    addresses, versions = await transact(database, make) if plans else ({}, {})
    return [each if isinstance(each, Problem) else _done(each, addresses, versions) for each in decided]


def _done(plan: Plan, addresses: Addresses, versions: dict[str, int]) -> LineResult:
    facts = {
        "id": plan.id,
        "version": versions.get(plan.id, 1) if plan.row is None else plan.row["version"] + plan.is_changed,
        "addresses": [
            str(each.exported.id) if each.exported else addresses[plan.id, address_key(each)]
            for each in plan.line.addresses
        ],
    }
    return LineResult(HTTPStatus.CREATED if plan.row is None else HTTPStatus.OK, facts, is_update=plan.is_update)


async def _versions(tx: Connection, plans: Sequence[Plan]) -> dict[str, int]:
    """The first version of each row with an exported id: its exported one, or one above that of its deletion."""
    exported = [plan.line.exported for plan in plans if plan.row is None]
    exported += [each.exported for plan in plans for each in plan.new_addresses]
    versions = {str(each.id): each.version for each in exported if each}
    deleted = await bulk_repository.deleted_versions(tx, list(versions))
    return {each: max(version, deleted.get(each, 0) + 1) for each, version in versions.items()}


async def _with_addresses(tx: Connection, plans: Sequence[Plan], versions: dict[str, int]) -> Addresses:
    """Insert the missing addresses. Returns the ids of all addresses that have none in their line."""
    requested = [(plan.id, address_key(each)) for plan in plans for each in plan.line.addresses if not each.exported]
    before = {plan.id for plan in plans if plan.row is not None and plan.line.addresses}
    found: Addresses = {}
    if before:
        if await bulk_repository.lock_customers(tx, before) != before:
            raise LockConflict("the database")  # one was deleted concurrently: start again and insert it
        found = await bulk_repository.find_addresses(tx, sorted(before & {customer_id for customer_id, _ in requested}))
    missing = {place: str(uuid7()) for place in dict.fromkeys(requested) if place not in found}
    exported = [(plan.id, each) for plan in plans for each in plan.new_addresses if each.exported]
    new = [
        *(NewAddress(address_id, *place) for place, address_id in missing.items()),
        *(
            NewAddress(str(each.exported.id), owner, address_key(each), each.exported, versions[str(each.exported.id)])
            for owner, each in exported
            if each.exported
        ),
    ]
    if new:
        await bulk_repository.insert_addresses(tx, new)
    for address, row in chain.from_iterable(plan.changed_addresses for plan in plans):
        await bulk_repository.update_address(tx, address, row)
    return found | missing

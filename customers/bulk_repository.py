"""The SQL of many customers, and of their addresses, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.mysql import Connection, Row, placeholders
from customers.models import Address, AddressInput, Customer, CustomerInput

_CUSTOMER = tuple(CustomerInput.model_fields)
_ADDRESS = tuple(AddressInput.model_fields)
"""What a client says of each: a member each, and a column of the same name."""

_NOW_AND_VERSION = "UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1"
_SHOWN_CUSTOMER = f"customer_id AS id, {', '.join(_CUSTOMER)}, created_at, updated_at, version"
_SHOWN_ADDRESS = f"address_id AS id, customer_id, {', '.join(_ADDRESS)}, created_at, updated_at, version"

AddressKey = tuple[Any, ...]
"""All that an address says, as it is stored."""


async def find_by_email(connection: Connection, emails: Sequence[str]) -> dict[str, Row]:
    """The id and the version of the customers that have one of these email addresses, by it."""
    sql = f"SELECT email, customer_id AS id, version FROM customer WHERE email IN ({placeholders(emails)})"
    return {row["email"]: row for row in await connection.fetch_all(sql, emails)}


async def insert_customers(tx: Connection, customers: Mapping[str, CustomerInput]) -> None:
    """Make customers, by their ids, in the order of their email addresses, or two bulks deadlock.

    Raises pymysql's IntegrityError when somebody else has made one of them.
    """
    ordered = sorted(customers.items(), key=lambda item: item[1].email)
    rows = ", ".join([f"(%s, {placeholders(_CUSTOMER)}, {_NOW_AND_VERSION})"] * len(ordered))
    await tx.execute(
        f"INSERT INTO customer (customer_id, {', '.join(_CUSTOMER)}, created_at, updated_at, version) VALUES {rows}",
        [value for customer_id, customer in ordered for value in (customer_id, *_said(customer, _CUSTOMER))],
    )


async def lock_customers(tx: Connection, ids: Iterable[str]) -> set[str]:
    """Let nobody else delete these customers, or give them addresses, meanwhile. Returns those that are here still."""
    ordered = sorted(ids)
    sql = f"SELECT customer_id FROM customer WHERE customer_id IN ({placeholders(ordered)}) ORDER BY customer_id"
    return {row["customer_id"] for row in await tx.fetch_all(f"{sql} FOR UPDATE", ordered)}


async def find_addresses(tx: Connection, ids: Sequence[str]) -> dict[tuple[str, AddressKey], str]:
    """The ids of all addresses of these customers, by their customer and what they say."""
    columns = f"address_id, customer_id, {', '.join(_ADDRESS)}"
    sql = f"SELECT {columns} FROM address WHERE customer_id IN ({placeholders(ids)}) ORDER BY address_id DESC"
    rows = await tx.fetch_all(sql, ids)  # of two that say the same, the older one stays
    return {(row["customer_id"], tuple(row[name] for name in _ADDRESS)): row["address_id"] for row in rows}


async def insert_addresses(tx: Connection, addresses: Mapping[tuple[str, AddressKey], str]) -> None:
    """Make addresses, whose ids are given, of customers that are locked or new."""
    rows = ", ".join([f"(%s, %s, {placeholders(_ADDRESS)}, {_NOW_AND_VERSION})"] * len(addresses))
    await tx.execute(
        f"""INSERT INTO address (address_id, customer_id, {", ".join(_ADDRESS)}, created_at, updated_at, version)
            VALUES {rows}""",
        [value for (customer_id, said), address_id in addresses.items() for value in (address_id, customer_id, *said)],
    )


def address_key(address: AddressInput) -> AddressKey:
    """What this address says."""
    return _said(address, _ADDRESS)


async def customers_after(connection: Connection, customer_id: str, limit: int) -> list[Customer]:
    """The oldest customers after `customer_id`."""
    sql = f"SELECT {_SHOWN_CUSTOMER} FROM customer WHERE customer_id > %s ORDER BY customer_id LIMIT %s"
    return [Customer.model_validate(row, by_name=True) for row in await connection.fetch_all(sql, [customer_id, limit])]


async def oldest_addresses(connection: Connection, ids: Sequence[str], most: int) -> dict[str, list[Address]]:
    """The oldest addresses of each of these customers, at most so many of each."""
    sql = f"""
        SELECT * FROM (
            SELECT {_SHOWN_ADDRESS}, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY address_id) AS place
            FROM address WHERE customer_id IN ({placeholders(ids)})
        ) AS numbered WHERE place <= %s ORDER BY customer_id, place
    """
    found: dict[str, list[Address]] = {customer_id: [] for customer_id in ids}
    for row in await connection.fetch_all(sql, [*ids, most]):
        del row["place"]
        found[row["customer_id"]].append(_address(row))
    return found


async def addresses_after(connection: Connection, customer_id: str, address_id: str, limit: int) -> list[Address]:
    """The oldest addresses of a customer after `address_id`."""
    sql = (
        f"SELECT {_SHOWN_ADDRESS} FROM address WHERE customer_id = %s AND address_id > %s ORDER BY address_id LIMIT %s"
    )
    return [_address(row) for row in await connection.fetch_all(sql, [customer_id, address_id, limit])]


def _said(model: CustomerInput | AddressInput, members: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(model, member) for member in members)


def _address(row: Row) -> Address:
    return Address.model_validate(row, by_name=True)

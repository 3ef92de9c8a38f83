"""The SQL of many customers, and of their addresses, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.bulk.exported import CREATION_TIMES, ExportedState, creation_times
from chassis.databases.mysql import Connection, LockConflict, Row, placeholders
from customers.address_repository import COLUMNS as ADDRESS_COLUMNS
from customers.bulk.models import CustomerLine
from customers.bulk.plans import ExistingRows, key_of_row
from customers.models import Address, AddressInput, Customer, CustomerInput
from customers.repository import COLUMNS as CUSTOMER_COLUMNS
from customers.words import insert_words, replace_words

_CUSTOMER = tuple(CustomerInput.model_fields)
_ADDRESS = tuple(AddressInput.model_fields)
"""The members that clients write; each has a column of the same name."""

_INDEXED = ("last_name", "company", "name", "phone")
_COMPARED = (*_INDEXED, "identity_document", "active")
_HAS_VALUES = " AND ".join(
    (
        "email IS NULL",
        *(f"{name} <=> %s" for name in _INDEXED),  # finds names that differ in case or accents, too
        *(f"{name} COLLATE utf8mb4_bin <=> %s" for name in _COMPARED if name != "active"),
        "active = %s",
    )
)
_AT_ONCE = 50
"""Subqueries of a statement, each of which opens the table."""

AddressKey = tuple[Any, ...]
"""All values of an address, as they are stored."""


class NewAddress(NamedTuple):
    """An address to insert, of a customer that is locked or new."""

    id: str
    customer_id: str
    values: AddressKey
    exported: ExportedState | None = None
    version: int = 1


async def find_existing(connection: Connection, lines: Sequence[CustomerLine]) -> ExistingRows:
    """The customers that have the email address or the id of a line, and the addresses that have the id of one."""
    emails = [line.email for line in lines if line.email]
    others = [line for line in lines if not line.email and not line.exported]
    ids = [str(line.exported.id) for line in lines if line.exported]
    addresses = [str(each.exported.id) for line in lines for each in line.addresses if each.exported]
    return ExistingRows(
        {row["email"]: row for row in await _rows(connection, f"{CUSTOMER_COLUMNS} FROM customer", "email", emails)},
        {key_of_row(row): row for row in await _without_email(connection, others)},
        {row["id"]: row for row in await _rows(connection, f"{CUSTOMER_COLUMNS} FROM customer", "customer_id", ids)},
        {row["id"]: row for row in await _rows(connection, f"{ADDRESS_COLUMNS} FROM address", "address_id", addresses)},
    )


async def deleted_versions(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The versions of the deletions of these ids, of those that were deleted."""
    return {row["id"]: row["version"] for row in await _rows(connection, "id, version FROM deleted_id", "id", ids)}


async def insert_customers(tx: Connection, customers: Mapping[str, CustomerLine], versions: Mapping[str, int]) -> None:
    """Insert customers, in the order of their email addresses, so that concurrent imports do not deadlock.

    Raises pymysql's IntegrityError if one of them was created concurrently.
    """
    ordered = sorted(customers.items(), key=lambda item: item[1].email or "")
    rows = ", ".join([f"(%s, {placeholders(_CUSTOMER)}, {CREATION_TIMES}, %s)"] * len(ordered))
    await tx.execute(
        f"INSERT INTO customer (customer_id, {', '.join(_CUSTOMER)}, created_at, updated_at, version) VALUES {rows}",
        [
            value
            for customer_id, line in ordered
            for value in (
                customer_id,
                *_values(line, _CUSTOMER),
                *creation_times(line.exported),
                versions.get(customer_id, 1),
            )
        ],
    )
    insert_words(tx, ordered)


async def update_customer(tx: Connection, customer: CustomerInput, row: Row) -> None:
    """Replace all members of a customer. Raises LockConflict if it is no longer at the version of `row`."""
    await _update(tx, "customer", row, dict(zip(_CUSTOMER, _values(customer, _CUSTOMER), strict=True)))
    replace_words(tx, row["id"], customer)


async def update_address(tx: Connection, address: AddressInput, row: Row) -> None:
    """Replace all members of an address. Raises LockConflict if it is no longer at the version of `row`."""
    await _update(tx, "address", row, dict(zip(_ADDRESS, _values(address, _ADDRESS), strict=True)))


async def lock_customers(tx: Connection, ids: Iterable[str]) -> set[str]:
    """Lock these customers against deletion and new addresses. Returns those that exist."""
    ordered = sorted(ids)
    sql = f"SELECT customer_id FROM customer WHERE customer_id IN ({placeholders(ordered)}) ORDER BY customer_id"
    return {row["customer_id"] for row in await tx.fetch_all(f"{sql} FOR UPDATE", ordered)}


async def find_addresses(tx: Connection, ids: Sequence[str]) -> dict[tuple[str, AddressKey], str]:
    """The ids of all addresses of these customers, by their customer and their values."""
    if not ids:
        return {}
    columns = f"address_id, customer_id, {', '.join(_ADDRESS)}"
    sql = f"SELECT {columns} FROM address WHERE customer_id IN ({placeholders(ids)}) ORDER BY address_id DESC"
    rows = await tx.fetch_all(sql, ids)  # of two identical ones, the older one counts
    return {(row["customer_id"], tuple(row[name] for name in _ADDRESS)): row["address_id"] for row in rows}


async def insert_addresses(tx: Connection, addresses: Sequence[NewAddress]) -> None:
    """Insert addresses of customers that are locked or new."""
    rows = ", ".join([f"(%s, %s, {placeholders(_ADDRESS)}, {CREATION_TIMES}, %s)"] * len(addresses))
    await tx.execute(
        f"""INSERT INTO address (address_id, customer_id, {", ".join(_ADDRESS)}, created_at, updated_at, version)
            VALUES {rows}""",
        [
            value
            for each in addresses
            for value in (each.id, each.customer_id, *each.values, *creation_times(each.exported), each.version)
        ],
    )


def address_key(address: AddressInput) -> AddressKey:
    """The values of this address."""
    return _values(address, _ADDRESS)


async def customers_after(connection: Connection, customer_id: str, limit: int) -> list[Customer]:
    """The oldest customers after `customer_id`."""
    sql = f"SELECT {CUSTOMER_COLUMNS} FROM customer WHERE customer_id > %s ORDER BY customer_id LIMIT %s"
    return [Customer.model_validate(row, by_name=True) for row in await connection.fetch_all(sql, [customer_id, limit])]


async def oldest_addresses(connection: Connection, ids: Sequence[str], most: int) -> dict[str, list[Address]]:
    """The oldest addresses of each of these customers, at most `most` of each."""
    sql = f"""
        SELECT * FROM (
            SELECT {ADDRESS_COLUMNS}, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY address_id) AS place
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
        f"SELECT {ADDRESS_COLUMNS} FROM address WHERE customer_id = %s AND address_id > %s ORDER BY address_id LIMIT %s"
    )
    return [_address(row) for row in await connection.fetch_all(sql, [customer_id, address_id, limit])]


async def _rows(connection: Connection, what: str, column: str, values: Sequence[str]) -> list[Row]:
    if not values:
        return []
    return await connection.fetch_all(f"SELECT {what} WHERE {column} IN ({placeholders(values)})", values)


async def _without_email(connection: Connection, lines: Sequence[CustomerLine]) -> list[Row]:
    """A customer without an email address for each of these lines that has one: the first with all its values.

    Of customers that are alike there may be any number, so no more than one of each is read.
    """
    one = f"(SELECT {CUSTOMER_COLUMNS} FROM customer FORCE INDEX (customer_by_values) WHERE {_HAS_VALUES} LIMIT 1)"
    found: list[Row] = []
    for part in (lines[start : start + _AT_ONCE] for start in range(0, len(lines), _AT_ONCE)):
        values = [value for line in part for value in (*_values(line, _INDEXED), *_values(line, _COMPARED))]
        found += await connection.fetch_all(" UNION ALL ".join([one] * len(part)), values)
    return found


async def _update(tx: Connection, table: str, row: Row, values: Mapping[str, Any]) -> None:
    changes = ", ".join(f"{column} = %s" for column in values)
    changed = await tx.execute(
        f"UPDATE {table} SET {changes}, updated_at = UTC_TIMESTAMP(3), version = version + 1"
        f" WHERE {table}_id = %s AND version = %s",
        [*values.values(), row["id"], row["version"]],
    )
    if not changed:
        raise LockConflict("the database")


def _values(model: CustomerInput | AddressInput, members: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(model, member) for member in members)


def _address(row: Row) -> Address:
    return Address.model_validate(row, by_name=True)

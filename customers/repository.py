"""The SQL of customers."""

from __future__ import annotations

from uuid import UUID

import pymysql
from uuid_utils.compat import uuid7

from chassis.databases.mysql import DUPLICATE, Connection, Row
from customers.models import Customer, CustomerInput
from customers.words import insert_words, replace_words, words_of

_WRITTEN = tuple(CustomerInput.model_fields)
"""The members that clients write; each has a column of the same name."""

COLUMNS = f"customer_id AS id, {', '.join(_WRITTEN)}, created_at, updated_at, version"

_INSERT = f"""
INSERT INTO customer (customer_id, {", ".join(_WRITTEN)}, created_at, updated_at, version)
VALUES (%(id)s, {", ".join(f"%({name})s" for name in _WRITTEN)}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)
"""

_UPDATE = f"""
UPDATE customer
SET {", ".join(f"{name} = %({name})s" for name in _WRITTEN)}, updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE customer_id = %(id)s AND version = %(version)s
"""

NOTE_DELETED = "REPLACE INTO deleted_id (id, version) SELECT"
"""Records the version of a deletion, so that a row that is imported again under its id gets a higher one."""


class EmailTaken(Exception):
    """Another customer has this email address."""


async def insert_customer(tx: Connection, new: CustomerInput) -> Customer:
    """Insert a customer under a new, time-ordered id. Raises EmailTaken."""
    row = {**new.model_dump(), "id": str(uuid7())}
    try:
        await tx.execute(_INSERT, row)
    except pymysql.err.IntegrityError as error:
        raise _named(error) from error
    insert_words(tx, [(row["id"], new)])
    return await _here(tx, row["id"])


async def find_customer(connection: Connection, customer_id: UUID, *, lock: bool = False) -> Customer | None:
    """One customer, or None. With `lock`, locked until the transaction ends."""
    sql = f"SELECT {COLUMNS} FROM customer WHERE customer_id = %s"
    row = await connection.fetch_one(sql + (" FOR UPDATE" if lock else ""), [str(customer_id)])
    return shown(row) if row else None


async def update_customer(tx: Connection, customer: Customer, new: CustomerInput) -> Customer | None:
    """Replace all members that clients write. None if the customer has another version. Raises EmailTaken."""
    row = {**new.model_dump(), "id": str(customer.id), "version": customer.version}
    try:
        changed = await tx.execute(_UPDATE, row)
    except pymysql.err.IntegrityError as error:
        raise _named(error) from error
    if changed and words_of(new) != words_of(customer):
        replace_words(tx, row["id"], new)
    return await _here(tx, row["id"]) if changed else None


async def delete_customer(tx: Connection, customer: Customer) -> bool:
    """Delete a customer and its addresses. False if the customer has another version."""
    # Not by a cascading foreign key: rows that a cascade deletes are not in the binlog.
    await tx.execute(f"{NOTE_DELETED} address_id, version + 1 FROM address WHERE customer_id = %s", [str(customer.id)])
    await tx.execute("DELETE FROM address WHERE customer_id = %s", [str(customer.id)])
    await tx.execute(f"{NOTE_DELETED} %s, %s", [str(customer.id), customer.version + 1])
    sql = "DELETE FROM customer WHERE customer_id = %s AND version = %s"
    return await tx.execute(sql, [str(customer.id), customer.version]) == 1


async def _here(tx: Connection, customer_id: str) -> Customer:
    customer = await find_customer(tx, UUID(customer_id))
    assert customer is not None, "written in this transaction"
    return customer


def shown(row: Row) -> Customer:
    """The REST representation of a row."""
    return Customer.model_validate({name: row[name] for name in Customer.model_fields}, by_name=True)


def _named(error: pymysql.err.IntegrityError) -> Exception:
    return EmailTaken() if error.args[0] == DUPLICATE else error

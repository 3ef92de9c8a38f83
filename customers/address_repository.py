"""The SQL of addresses."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Row
from customers.models import Address, AddressInput
from customers.repository import NOTE_DELETED

_WRITTEN = tuple(AddressInput.model_fields)
"""The members that clients write; each has a column of the same name."""

COLUMNS = f"address_id AS id, customer_id, {', '.join(_WRITTEN)}, created_at, updated_at, version"

_INSERT = f"""
INSERT INTO address (address_id, customer_id, {", ".join(_WRITTEN)}, created_at, updated_at, version)
VALUES (%(id)s, %(customer_id)s, {", ".join(f"%({name})s" for name in _WRITTEN)},
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)
"""

_UPDATE = f"""
UPDATE address
SET {", ".join(f"{name} = %({name})s" for name in _WRITTEN)}, updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE address_id = %(id)s AND version = %(version)s
"""


async def insert_address(tx: Connection, customer_id: UUID, new: AddressInput) -> Address:
    """Insert an address under a new, time-ordered id. The transaction has locked the customer."""
    row = {**new.model_dump(), "id": str(uuid7()), "customer_id": str(customer_id)}
    await tx.execute(_INSERT, row)
    return await _here(tx, row["id"])


async def find_address(connection: Connection, address_id: UUID, *, lock: bool = False) -> Address | None:
    """One address, or None. With `lock`, locked until the transaction ends."""
    sql = f"SELECT {COLUMNS} FROM address WHERE address_id = %s"
    row = await connection.fetch_one(sql + (" FOR UPDATE" if lock else ""), [str(address_id)])
    return shown(row) if row else None


async def update_address(tx: Connection, address: Address, new: AddressInput) -> Address | None:
    """Replace all members that clients write. None if the address has another version."""
    row = {**new.model_dump(), "id": str(address.id), "version": address.version}
    changed = await tx.execute(_UPDATE, row)
    return await _here(tx, str(address.id)) if changed else None


async def delete_address(tx: Connection, address: Address) -> bool:
    """Delete an address. False if it has another version."""
    await tx.execute(f"{NOTE_DELETED} %s, %s", [str(address.id), address.version + 1])
    sql = "DELETE FROM address WHERE address_id = %s AND version = %s"
    return await tx.execute(sql, [str(address.id), address.version]) == 1


async def _here(tx: Connection, address_id: str) -> Address:
    address = await find_address(tx, UUID(address_id))
    assert address is not None, "written in this transaction"
    return address


def shown(row: Row) -> Address:
    """The REST representation of a row."""
    return Address.model_validate(row, by_name=True)

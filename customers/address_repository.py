"""The SQL of addresses."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Row
from customers.models import Address, AddressInput
from customers.repository import NOTE_DELETED

COLUMNS = """
    address_id AS id, customer_id, street_type, street, number, building, department, reference, city, region,
    postal_code, country, latitude, longitude, created_at, updated_at, version
"""


async def insert_address(tx: Connection, customer_id: UUID, new: AddressInput) -> Address:
    """Insert an address under a new, time-ordered id. The transaction has locked the customer."""
    row = {**new.model_dump(), "id": str(uuid7()), "customer_id": str(customer_id)}
    await tx.execute(
        """
        INSERT INTO address (address_id, customer_id, street_type, street, number, building, department, reference,
                             city, region, postal_code, country, latitude, longitude, created_at, updated_at, version)
        VALUES (%(id)s, %(customer_id)s, %(street_type)s, %(street)s, %(number)s, %(building)s, %(department)s,
                %(reference)s, %(city)s, %(region)s, %(postal_code)s, %(country)s, %(latitude)s, %(longitude)s,
                UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)
        """,
        row,
    )
    return await _here(tx, row["id"])


async def find_address(connection: Connection, address_id: UUID, *, lock: bool = False) -> Address | None:
    """One address, or None. With `lock`, locked until the transaction ends."""
    sql = f"SELECT {COLUMNS} FROM address WHERE address_id = %s"
    row = await connection.fetch_one(sql + (" FOR UPDATE" if lock else ""), [str(address_id)])
    return shown(row) if row else None


async def update_address(tx: Connection, address: Address, new: AddressInput) -> Address | None:
    """Replace all members that clients write. None if the address has another version."""
    changed = await tx.execute(
        """
        UPDATE address
        SET street_type = %(street_type)s, street = %(street)s, number = %(number)s, building = %(building)s,
            department = %(department)s, reference = %(reference)s, city = %(city)s, region = %(region)s,
            postal_code = %(postal_code)s, country = %(country)s, latitude = %(latitude)s, longitude = %(longitude)s,
            updated_at = UTC_TIMESTAMP(3), version = version + 1
        WHERE address_id = %(id)s AND version = %(version)s
        """,
        {**new.model_dump(), "id": str(address.id), "version": address.version},
    )
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

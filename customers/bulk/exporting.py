"""Reads all customers with their addresses as JSON lines, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from chassis.bulk.export import each_page
from chassis.bulk.json_lines import MOST_LINE_BYTES
from chassis.databases.mysql import Connection, Database
from customers.bulk import repository as bulk_repository
from customers.bulk.models import MOST_ADDRESSES
from customers.models import Address, Customer

_GENERATED = ("id", "createdAt", "updatedAt", "version")


async def all_customers(database: Database, after: str) -> AsyncIterator[bytes]:
    """Lines of all customers after the id `after`. Raises Unavailable."""
    async for page in each_page(database, _page, lambda found: str(found[0].id), after):
        ready = bytearray()
        for customer, addresses in page:
            ready += _lines(customer, addresses[:MOST_ADDRESSES])
            while len(addresses) > MOST_ADDRESSES:
                yield bytes(ready)
                addresses = await _more(database, customer, addresses[MOST_ADDRESSES - 1])
                ready = bytearray(_lines(customer, addresses[:MOST_ADDRESSES]))
        yield bytes(ready)


async def _page(connection: Connection, after: str, limit: int) -> list[tuple[Customer, list[Address]]]:
    customers = await bulk_repository.customers_after(connection, after, limit)
    if not customers:
        return []
    ids = [str(customer.id) for customer in customers]
    addresses = await bulk_repository.oldest_addresses(connection, ids, MOST_ADDRESSES + 1)
    return [(customer, addresses[str(customer.id)]) for customer in customers]


async def _more(database: Database, customer: Customer, last: Address) -> list[Address]:
    async with database.reading() as connection:
        return await bulk_repository.addresses_after(connection, str(customer.id), str(last.id), MOST_ADDRESSES + 1)


def _lines(customer: Customer, addresses: Sequence[Address]) -> bytes:
    """The customer with these addresses, split into lines that are short enough to be imported."""
    line = _exported(customer) | {"addresses": [_exported(address) for address in addresses]}
    encoded = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    half = len(addresses) // 2
    if len(encoded) <= MOST_LINE_BYTES or not half:
        return encoded
    return _lines(customer, addresses[:half]) + _lines(customer, addresses[half:])


def _exported(resource: Customer | Address) -> dict[str, Any]:
    """The members that clients write, and in `exported` the ones that the service generates."""
    members = resource.model_dump(mode="json", by_alias=True, exclude={"customer_id"})
    return members | {"exported": {name: members.pop(name) for name in _GENERATED}}

"""All customers with their addresses, as the lines of an export, a few at a time."""

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

_SERVER_MADE = ("id", "createdAt", "updatedAt", "version")


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
    """The customer with these addresses, in as many lines as it takes for none to be too long to be sent."""
    line = _said(customer) | {"addresses": [_said(address) for address in addresses]}
    encoded = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    half = len(addresses) // 2
    if len(encoded) <= MOST_LINE_BYTES or not half:
        return encoded
    return _lines(customer, addresses[:half]) + _lines(customer, addresses[half:])


def _said(resource: Customer | Address) -> dict[str, Any]:
    """What a client says of it, and beside that, as `exported`, what the service made."""
    said = resource.model_dump(mode="json", by_alias=True, exclude={"customer_id"})
    return said | {"exported": {name: said.pop(name) for name in _SERVER_MADE}}

"""The limit of reservations: the same transaction with the same statements by plain aiomysql, without HTTP and Redis.

python -m benchmarks.inventory.reservations.bare_holds CLIENTS WARM_UP_S SECONDS [--together]

One statement after the other, or all `--together` in one packet, as the service sends them.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from uuid import uuid4

import aiomysql
import msgspec
import uvloop
from uuid_utils.compat import uuid7

from benchmarks.clients import Action, busy
from benchmarks.inventory.reservations.carts import CARTS
from benchmarks.inventory.shelves import STORE
from chassis import settings
from chassis.databases.mysql import placeholders
from chassis.databases.mysql_pooled import SESSION
from chassis.rest.idempotency import INSERT as INSERT_KEY
from contracts.stores import stock_id
from inventory.holds import repository
from inventory.times import now

LINES = 3
CART = CARTS["three"]

_REQUESTED = msgspec.json.encode(
    [{"sku": "HOLD-0000", "quantity": 1, "parts": [{"storeId": STORE, "quantity": 1}]}] * LINES
).decode()
_BODY = "x" * 460
"""About the size of a stored response."""

_HEADERS = "x" * 150

_UNITS = f"CASE stock_id{' WHEN %s THEN %s' * LINES} END"
_IDS = placeholders(range(LINES))
_INSERT_RESERVATIONS = repository.INSERT_RESERVATIONS + ", ".join([f"({placeholders(range(11))})"] * LINES)
_RESERVE = repository.RESERVE.format(units=_UNITS, ids=_IDS)
_AFTERWARDS = repository.AFTERWARDS.format(ids=_IDS)

Statements = list[tuple[str, list[object]]]


def statements() -> Statements:
    """The transaction of one reservation, with the query after it."""
    hold_id, moment, skus = str(uuid7()), now(), CART.skus()
    expires_at = moment + timedelta(seconds=600)
    ids: list[object] = [stock_id(STORE, sku) for sku in skus]
    units = [value for each in ids for value in (each, 1)]
    hold = [hold_id, "benchmark", "held", _REQUESTED, expires_at, moment, moment]
    parts = [value for sku in skus for value in _part(hold_id, sku, expires_at)]
    key = ["benchmark", str(uuid4()), "0" * 64, 201, _HEADERS, _BODY, None]
    return [
        ("BEGIN", []),
        (repository.INSERT_HOLD, hold),
        (_INSERT_RESERVATIONS, parts),
        (INSERT_KEY, [*key]),
        (_RESERVE, [*units, *ids, *units]),
        ("COMMIT", []),
        (_AFTERWARDS, ids),
    ]


def _part(hold_id: str, sku: str, expires_at: datetime) -> list[object]:
    return [str(uuid7()), hold_id, stock_id(STORE, sku), STORE, sku, 1, 1, "hold", "held", expires_at, 1]


async def a_client(account: settings.MySQLSettings, *, together: bool) -> Action:
    """A client with its own connection."""
    connection = await aiomysql.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        db=account.database,
        charset="utf8mb4",
        autocommit=True,
        init_command=SESSION,
    )

    async def reserve() -> None:
        async with connection.cursor() as cursor:
            if together:
                await cursor.execute(";".join(cursor.mogrify(*each) for each in statements()))
                while cursor.description is None:  # the last result is that of the query
                    await cursor.nextset()
            else:
                for each in statements():
                    await cursor.execute(*each)
            if len(await cursor.fetchall()) != LINES:
                raise RuntimeError("the stock is missing")

    return reserve


async def main() -> None:
    """Print the measurement as JSON."""
    clients, warm_up_s, seconds = (int(each) for each in sys.argv[1:4])
    together = "--together" in sys.argv
    account = settings.mysql("inventory", "OMS_INVENTORY_DB_PASSWORD", "inventory")
    things = [await a_client(account, together=together) for _ in range(clients)]
    name = "bare, together" if together else "bare"
    print(msgspec.json.encode(await busy(name, things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())

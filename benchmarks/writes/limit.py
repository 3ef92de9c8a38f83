"""The limit: the same transaction with the same statements, with plain aiomysql, without HTTP and checks.

python -m benchmarks.writes.limit CLIENTS WARM_UP_S SECONDS
"""

from __future__ import annotations

import sys
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import aiomysql
import msgspec
import uvloop
from uuid_utils.compat import uuid7

from benchmarks.clients import Action, busy
from benchmarks.writes.basket import PRICE, TOTAL, basket, home
from chassis import settings
from chassis.databases.mysql import placeholders
from chassis.databases.mysql_pooled import SESSION
from chassis.rest.idempotency import INSERT as INSERT_KEY
from orders.placement import rows
from orders.replica.repository import SELECT_REFERENCES
from orders.repository import INSERT_LINES, INSERT_ORDER
from orders.statuses.history import INSERT as INSERT_HISTORY

_BODY = "x" * 1600
"""About the size of a stored response."""

_HEADERS = "x" * 160


async def a_client(account: settings.MySQLSettings, numbers: count[int]) -> Action:
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

    async def place() -> None:
        body = basket(next(numbers))
        customer_id, order_id, moment = body["customerId"], str(uuid7()), rows.now()
        address_id, skus = str(home(UUID(customer_id))), [line["sku"] for line in body["lines"]]
        await connection.begin()
        async with connection.cursor() as cursor:
            await cursor.execute(_SELECT, [customer_id, address_id, *skus])
            if len(await cursor.fetchall()) != 5:
                raise RuntimeError("references are missing")
            await cursor.execute(INSERT_ORDER, _order(order_id, customer_id, moment))
            lines = [value for number, sku in enumerate(skus, 1) for value in _line(order_id, number, sku)]
            await cursor.execute(_INSERT_LINES, lines)
            entry = (order_id, 1, None, "place", "placed", "limit", None, moment)
            await cursor.execute(INSERT_HISTORY, entry)
            await cursor.execute(INSERT_KEY, ("limit", str(uuid4()), "0" * 64, 201, _HEADERS, _BODY, customer_id))
        await connection.commit()

    return place


_SELECT = SELECT_REFERENCES.format(addresses=placeholders([0]), products=placeholders([0, 0, 0]))

_INSERT_LINES = INSERT_LINES.format(", ".join([f"({placeholders(rows.LINE_COLUMNS)})"] * 3))

_ADDRESSES = "x" * 330


def _order(order_id: str, customer_id: str, moment: object) -> list[object]:
    order = dict.fromkeys(rows.ORDER_COLUMNS) | {
        "order_id": order_id,
        "customer_id": customer_id,
        "status": "placed",
        "currency": "USD",
        "subtotal": Decimal(TOTAL),
        "freight": Decimal(0),
        "source": "",
        "lines_version": 1,
        "line_count": 3,
        "placed_at": moment,
        "delivery_addresses": f'["{_ADDRESSES}"]',
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
    }
    return [order[column] for column in rows.ORDER_COLUMNS]


def _line(order_id: str, number: int, sku: str) -> list[object]:
    line = {
        "order_detail_id": str(uuid7()),
        "order_id": order_id,
        "lines_version": 1,
        "line_number": number,
        "sku": sku,
        "product_name": f"Thing {sku}",
        "quantity": 4,
        "unit_price": PRICE,
        "discount": Decimal(0),
        "amount": Decimal("49.96"),
        "delivery_address_id": order_id,
        "version": 1,
    }
    return [line[column] for column in rows.LINE_COLUMNS]


async def main() -> None:
    """Print the measurement as JSON."""
    clients, warm_up_s, seconds = (int(each) for each in sys.argv[1:])
    account, numbers = settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"), count()
    things = [await a_client(account, numbers) for _ in range(clients)]
    print(msgspec.json.encode(await busy("limit", things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())

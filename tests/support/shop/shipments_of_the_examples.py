"""What requests to shipping refer to: a confirmed order, and shipments in the status that each command needs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid5

from msgspec.structs import replace

from chassis.databases.mysql import Connection
from shipping import settings
from shipping.events.streams import Cause
from shipping.replica import repository as replica
from shipping.shipments.decisions.delivering import deliver, dispatch, fail
from shipping.shipments.decisions.grouping import group, order_of
from shipping.shipments.decisions.packing import pack
from shipping.shipments.decisions.regrouping import regroup
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.examples import CARRIER
from shipping.shipments.repository import Stored, append_later, plan_later
from shipping.shipments.state import Shipment
from tests.support.shipping import a_graph
from tests.support.shop.days_of_the_examples import write_days

SECRET = b"0123456789abcdef0123456789abcdef"
CARRIER_SECRETS = f"{CARRIER}=whsec_{b64encode(SECRET).decode()}"

MOST = 60
"""How many shipments there are for each command."""

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

Step = Callable[[Shipment], Sequence[ShipmentEvent]]

_PACK: Step = lambda it: pack(it, [None], NOW)  # noqa: E731
_DISPATCH: Step = lambda it: dispatch(it, CARRIER, NOW)  # noqa: E731
_FAIL: Step = lambda it: fail(it, "recipient-absent", NOW)  # noqa: E731

SEND: tuple[Step, ...] = (_PACK, _DISPATCH, lambda it: deliver(it, NOW))
"""What happens until the customer has the units."""

BEGINS: dict[str, tuple[Step, ...]] = {
    "pack": (),
    "split": (),
    "cancel": (),
    "dispatch": (_PACK,),
    "track": (_PACK,),
    "deliver": (_PACK, _DISPATCH),
    "fail": (_PACK, _DISPATCH),
    "recall": (_PACK, _DISPATCH),
    "return": (_PACK, _DISPATCH, _FAIL),
}
"""The commands, and what has happened before to the shipments that they are sent to. Each has shipments of its own."""

_LINES = [replace(line, id=UUID(int=78)) for line in a_graph(("NW-0001", 3)).lines]
_ORDER = a_graph(id=UUID(int=77), lines=_LINES, customer_id=UUID(int=79))
"""The same in each process that imports this."""
ORDER_ID, LINE_ID = str(_ORDER.id), str(_ORDER.lines[0].id)


def shipment_id(command: str, number: int) -> str:
    """The id of the shipment with this number for this command; of one to read, for any other word."""
    return str(uuid5(_ORDER.id, f"{command if command in BEGINS else 'pack'} {number % MOST}"))


@asynccontextmanager
async def shipments_of_the_examples() -> AsyncIterator[None]:
    """The rows, in the database of shipping. The tables are there."""
    opened = settings.database()
    async with opened.transaction() as tx:
        replica.write_orders_later(tx, [_ORDER])
        for command, steps in BEGINS.items():
            for number in range(MOST):
                _write(tx, UUID(shipment_id(command, number)), steps)
        await write_days(
            tx, lambda on, identity: _write(on, identity, (_PACK,)), lambda stored: _DISPATCH(stored.state), NOW
        )
    await opened.close()
    yield


def _write(tx: Connection, identity: UUID, steps: Sequence[Step]) -> Stored:
    order = order_of(_ORDER)
    [planned] = regroup(order, group(order, [], "main"), [], NOW).values()
    shipment = plan_later(tx, identity, planned, Cause(None), NOW)
    for step in steps:
        shipment = append_later(tx, shipment, step(shipment.state), Cause(None), NOW)
    return shipment

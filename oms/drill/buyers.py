"""The buyers of a flash sale: each wants one unit, and repeats its request with the same key until it has an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from uuid import UUID, uuid5

from chassis.retrying import attempts
from oms.company.concurrency import each_of
from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.rest import Rest
from oms.drill.sale import Sale, is_sold_out

GIVE_UP_S = 300.0


class Through(StrEnum):
    """How buyers come to their unit: by an order at once, or by a reservation that the order takes over."""

    ORDERS = "orders"
    RESERVATIONS = "reservations"


@dataclass
class Tally:
    """What buyers were answered, and how long that took."""

    placed: int = 0
    sold_out: int = 0
    retries: int = 0
    seconds: float = 0.0
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        """The buyers who have a final answer."""
        return self.placed + self.sold_out + self.refusals.total()


async def buy_all(
    rest: Rest, sale: Sale, buyers: int, clients: int, through: Through, on_answer: Callable[[Tally], None]
) -> Tally:
    """Let all buyers come, `clients` at once. Raises ServiceUnavailable if one has no answer after `GIVE_UP_S`."""
    tally, began = Tally(), monotonic()
    seed = UUID(sale.customer_id)

    async def buy(number: int) -> None:
        try:
            await _buy(rest, sale, uuid5(seed, str(number)), through, tally)
        except RequestRefused as refusal:
            if is_sold_out(refusal):
                tally.sold_out += 1
            else:
                tally.refusals[str(refusal)] += 1
        else:
            tally.placed += 1
        on_answer(tally)

    await each_of(range(buyers), clients, buy)
    tally.seconds = monotonic() - began
    return tally


async def _buy(rest: Rest, sale: Sale, key: UUID, through: Through, tally: Tally) -> None:
    reservation_id = None
    if through is Through.RESERVATIONS:
        wanted = {"lines": [{"sku": sale.sku, "quantity": 1}], "expiresInS": 3600}
        held = await _post(rest, "inventory", "/reservations", wanted, key, tally)
        reservation_id = held["id"]
    await _post(rest, "orders", "/orders", sale.order(reservation_id), key, tally)


async def _post(
    rest: Rest, service: str, path: str, body: dict[str, object], key: UUID, tally: Tally
) -> dict[str, str]:
    deadline = monotonic() + GIVE_UP_S
    async for attempt in attempts(most_s=2.0):
        try:
            created: dict[str, str] = (await rest.post(service, path, body, str(key))).json()
        except ServiceUnavailable:
            if monotonic() > deadline:
                raise
        else:
            tally.retries += attempt - 1
            return created
    raise AssertionError("attempts never end")

"""The gate in front of MySQL: refuses early what Redis says is sold out.

Redis may be wrong in both directions. Its yes is decided again by MySQL. Its no is compared with MySQL's rows from time
to time, for each SKU in each process: so a wrong one is corrected within `TRUSTED_S`, whatever made it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from prometheus_client import Counter

from inventory.availability.repository import Stock
from inventory.decisions.rules import Free, Plan
from inventory.decisions.wishes import Wish, units_of
from inventory.holds.models import SHORTEST_S
from inventory.redis.stock import RedisStock, Seen
from inventory.times import now

TRUSTED_S = float(SHORTEST_S)
"""How long Redis is trusted once it was compared with MySQL. A reservation that is made meanwhile lasts longer, so that
no refusal is later than the end of the reservation that caused it."""

_MOST_TRUSTED = 10_000
_TRIES = 3

SAID = Counter("oms_reservation_gate_total", "What Redis said about the units of a reservation", ["said"])

Units = Mapping[str, Mapping[str, int]]
"""By SKU and store."""


@dataclass(frozen=True)
class Yes:
    """The units of the plan are taken for the request. `seen` is what Redis had before."""

    plan: Plan
    taken: Units
    seen: Seen


@dataclass(frozen=True)
class Short:
    """There are too few units; those that are free."""

    free: Free


@dataclass(frozen=True)
class Unknown:
    """MySQL alone decides. `seen` is what Redis has, if it has anything."""

    seen: Seen | None = None


class Gate:
    """The gate of one process."""

    def __init__(self, redis: RedisStock) -> None:
        self.redis = redis
        self._trusted_until: dict[str, float] = {}

    async def ask(self, wish: Wish, token: str) -> Yes | Short | Unknown:
        """What Redis says about a wish."""
        said = await self._ask(wish, token)
        SAID.labels(type(said).__name__.lower()).inc()
        return said

    def verified(self, stock: Sequence[Stock], seen: Seen | None) -> None:
        """MySQL's rows of all stores of some SKUs were just read: correct Redis, and trust its no for a while.

        A reservation that expires changes what MySQL says, so the trust ends then.
        """
        self.redis.fill(map(vars, stock), seen)
        if len(self._trusted_until) > _MOST_TRUSTED:
            self._trusted_until.clear()
        wall, clock = now(), monotonic()
        ends: dict[str, float] = {}
        for each in stock:
            for_s = (each.next_expiry - wall).total_seconds() if each.next_expiry else TRUSTED_S
            ends[each.sku] = min(ends.get(each.sku, clock + TRUSTED_S), clock + for_s)
        self._trusted_until |= ends

    async def _ask(self, wish: Wish, token: str) -> Yes | Short | Unknown:
        if not wish.skus:
            return Yes(wish.plan({}), {}, {})
        seen = await self.redis.read(wish.skus)
        if seen is None:
            return Unknown()
        free = {sku: {store: each.available for store, each in of.items()} for sku, of in seen.items()}
        for _ in range(_TRIES):
            plan = wish.plan(free)
            if not plan.is_possible:
                short = {each.sku for each in plan.shortages}
                return Short(free) if self._is_trusted(short) else Unknown(seen)
            wanted = units_of(plan.parts)
            left = await self.redis.take(token, wanted)
            if left is None:
                self.redis.give_back(token, wanted)
                return Unknown(seen)
            if not left:
                return Yes(plan, wanted, seen)
            self.redis.give_back(token, {sku: of for sku, of in wanted.items() if sku not in left})
            free = {sku: {**of, **left.get(sku, {})} for sku, of in free.items()}
        return Unknown(seen)

    def _is_trusted(self, skus: Iterable[str]) -> bool:
        return all(self._trusted_until.get(sku, 0.0) > monotonic() for sku in skus)

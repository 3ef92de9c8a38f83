"""The policy of a SKU in a store: whether its units are tracked, promised online, and may be back-ordered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf

ANY = "*"
"""In the id of a policy, for every store or every SKU."""


class Backorders(StrEnum):
    """Whether orders may wait for units that no store has."""

    NO = "no"
    YES = "yes"
    LIMIT = "limit"
    """As long as all of them together wait for at most `backorder_limit` units."""


@dataclass(frozen=True)
class Policy:
    """An untracked SKU is never short. `safety_margin` units are not promised online."""

    tracked: bool
    safety_margin: int
    backorders: str = Backorders.NO
    backorder_limit: int | None = None

    @property
    def most_backordered(self) -> float:
        """How many units orders may wait for."""
        return {Backorders.YES: inf, Backorders.LIMIT: self.backorder_limit or 0}.get(Backorders(self.backorders), 0)


def policy_ids(store_id: str, sku: str) -> tuple[str, ...]:
    """The ids of the policies that may be valid for a SKU in a store, the most specific first."""
    return f"{store_id}/{sku}", f"{ANY}/{sku}", f"{store_id}/{ANY}", f"{ANY}/{ANY}"


def valid_policy(policies: Mapping[str, Policy], store_id: str, sku: str, default_margin: int) -> Policy:
    """The most specific of these policies by id, or the default."""
    for policy_id in policy_ids(store_id, sku):
        if policy_id in policies:
            return policies[policy_id]
    return Policy(tracked=True, safety_margin=default_margin)


def untracked(policies: Mapping[str, Policy], skus: Iterable[str]) -> set[str]:
    """Those of these SKUs that are not tracked in any store."""
    return {sku for sku in skus if not valid_policy(policies, ANY, sku, 0).tracked}


def most_backordered(policies: Mapping[str, Policy], skus: Iterable[str]) -> dict[str, float]:
    """How many units of each of these SKUs orders may wait for, of those for which they may."""
    most = {sku: valid_policy(policies, ANY, sku, 0).most_backordered for sku in skus}
    return {sku: units for sku, units in most.items() if units}

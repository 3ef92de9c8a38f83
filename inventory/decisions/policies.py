"""The policy of a SKU in a store: whether its units are tracked, and how many are not promised online. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ANY = "*"
"""In the id of a policy, for every store or every SKU."""


@dataclass(frozen=True)
class Policy:
    """An untracked SKU is never short. `safety_margin` units are not promised online."""

    tracked: bool
    safety_margin: int


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

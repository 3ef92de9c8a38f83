"""The policy of a SKU in a store: the most specific one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import pytest

from inventory.decisions.policies import Policy, untracked, valid_policy
from inventory.stock_policies.models import StockPolicyInput

MOST_SPECIFIC_FIRST = ["seattle/A", "*/A", "seattle/*", "*/*"]
OTHERS = {each: Policy(tracked=False, safety_margin=99) for each in ("lima/A", "*/B", "lima/*", "seattle/B")}


@pytest.mark.parametrize("known", [each for size in range(5) for each in combinations(MOST_SPECIFIC_FIRST, size)])
def test_the_most_specific_policy_is_valid(known: tuple[str, ...]) -> None:
    policies = {each: Policy(tracked=True, safety_margin=MOST_SPECIFIC_FIRST.index(each)) for each in known}

    valid = valid_policy(OTHERS | policies, "seattle", "A", default_margin=9)

    assert valid.tracked
    assert valid.safety_margin == (MOST_SPECIFIC_FIRST.index(known[0]) if known else 9)


def test_what_is_tracked_depends_on_policies_for_all_stores() -> None:
    policies = {
        "*/*": Policy(tracked=False, safety_margin=0),
        "*/A": Policy(tracked=True, safety_margin=0),
        "seattle/A": Policy(tracked=False, safety_margin=0),
        "seattle/B": Policy(tracked=True, safety_margin=0),
    }

    assert untracked(policies, ["A", "B"]) == {"B"}


@pytest.mark.parametrize(
    ("store_id", "members", "pointers"),
    [
        ("seattle", {}, []),
        ("seattle", {"tracked": False}, ["#/tracked"]),
        ("seattle", {"backorders": "yes", "leadTimeDays": 2}, ["#/backorders", "#/leadTimeDays"]),
        ("*", {"tracked": False, "backorders": "yes", "leadTimeDays": 2}, []),
        ("*", {"backorders": "limit", "backorderLimit": 3}, []),
        ("*", {"backorders": "limit"}, ["#/backorderLimit"]),
        ("*", {"backorders": "yes", "backorderLimit": 3}, ["#/backorderLimit"]),
        ("*", {"backorderLimit": 3}, ["#/backorderLimit"]),
    ],
)
def test_members_that_would_not_count_are_faults(
    store_id: str, members: Mapping[str, Any], pointers: Sequence[str]
) -> None:
    policy = StockPolicyInput.model_validate({"safetyMargin": 0, **members})

    assert [each["pointer"] for each in policy.faults(store_id)] == pointers

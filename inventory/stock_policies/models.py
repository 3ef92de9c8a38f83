"""What clients send and get of a stock policy."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from chassis.http.errors.problems import fault
from chassis.types.numbers import StoredBool, whole
from chassis.types.products import AnySku
from chassis.types.schemas import component, example
from chassis.types.times import StoredTime
from inventory.decisions.policies import ANY, Backorders
from inventory.examples import NEW_POLICY, POLICY
from inventory.models import MAX_STORE_ID, MOST_UNITS, STORE_ID_PATTERN, Quantity, RequestModel, ResponseModel

MOST_DAYS = 3650

_PATTERN = STORE_ID_PATTERN.replace("^", r"^(\*|", 1).removesuffix("$") + ")$"

ThisStoreOrAny = Annotated[
    str,
    StringConstraints(pattern=_PATTERN),
    WithJsonSchema(component("StoreIdOrAny", type="string", minLength=1, maxLength=MAX_STORE_ID, pattern=_PATTERN)),
    Path(description=f"A store's id, or `{ANY}` for all stores.", examples=["seattle"]),
]
ThisSkuOrAny = Annotated[AnySku, Path(description=f"A SKU, or `{ANY}` for all.", examples=["NW-0001"])]


class StockPolicyInput(RequestModel):
    """A policy. `safetyMargin` units are not promised online; one that is not tracked is never short.

    With `backorders`, orders may wait for units that no store has: for all they want (`yes`), or as long as all of them
    together wait for at most `backorderLimit` units (`limit`). `leadTimeDays` is how long new units take to arrive. The
    policy of one store may have a `safetyMargin` only.
    """

    model_config = example(NEW_POLICY)

    tracked: bool = True
    safety_margin: Annotated[int, Field(ge=0, le=MOST_UNITS, strict=True), BeforeValidator(whole)]
    backorders: Backorders = Backorders.NO
    backorder_limit: Quantity | None = None
    lead_time_days: Annotated[int, Field(ge=0, le=MOST_DAYS, strict=True), BeforeValidator(whole)] | None = None

    def faults(self, store_id: str) -> list[dict[str, str]]:
        """What is wrong with it as the policy of this store, or of all: each with its pointer."""
        found = []
        if (self.backorders is Backorders.LIMIT) != (self.backorder_limit is not None):
            found.append(fault("#/backorderLimit", "is required if backorders is limit, and must be null otherwise"))
        if store_id == ANY:
            return found
        of_all = f"is set for all stores (`{ANY}`), not for one"
        members = {"tracked": not self.tracked, "backorders": self.backorders is not Backorders.NO}
        members["leadTimeDays"] = self.lead_time_days is not None
        return found + [fault(f"#/{name}", of_all) for name, is_set in members.items() if is_set]


StoredBackorders = Annotated[
    str,
    WithJsonSchema(
        component(
            "BackordersOfPolicy",
            type="string",
            examples=list(Backorders),
            description=f"Whether orders may wait for units: {', '.join(Backorders)}; others may be added.",
        )
    ),
]
"""A stored value; it is not validated when it is read."""


class StockPolicy(ResponseModel):
    """The policy of a SKU in a store, either of which may be `*`.

    The most specific one is valid: of the SKU in the store, of the SKU, of the store, of all. Whether units are
    tracked, and what is said of back-orders, depends only on policies for all stores.
    """

    model_config = example(POLICY)

    store_id: str
    sku: str
    tracked: StoredBool
    safety_margin: int
    backorders: StoredBackorders
    backorder_limit: int | None
    lead_time_days: int | None
    created_at: StoredTime
    updated_at: StoredTime
    version: int

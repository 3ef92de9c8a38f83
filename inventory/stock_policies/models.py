"""What clients send and get of a stock policy."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from chassis.types.numbers import StoredBool, whole
from chassis.types.products import AnySku
from chassis.types.schemas import component, example
from chassis.types.times import StoredTime
from inventory.decisions.policies import ANY
from inventory.examples import NEW_POLICY, POLICY
from inventory.models import MAX_STORE_ID, MOST_UNITS, STORE_ID_PATTERN, RequestModel, ResponseModel

_PATTERN = STORE_ID_PATTERN.replace("^", r"^(\*|", 1).removesuffix("$") + ")$"

ThisStoreOrAny = Annotated[
    str,
    StringConstraints(pattern=_PATTERN),
    WithJsonSchema(component("StoreIdOrAny", type="string", minLength=1, maxLength=MAX_STORE_ID, pattern=_PATTERN)),
    Path(description=f"A store's id, or `{ANY}` for all stores.", examples=["seattle"]),
]
ThisSkuOrAny = Annotated[AnySku, Path(description=f"A SKU, or `{ANY}` for all.", examples=["NW-0001"])]


class StockPolicyInput(RequestModel):
    """A policy. `safetyMargin` units are not promised online; one that is not tracked is never short."""

    model_config = example(NEW_POLICY)

    tracked: bool = True
    safety_margin: Annotated[int, Field(ge=0, le=MOST_UNITS, strict=True), BeforeValidator(whole)]


class StockPolicy(ResponseModel):
    """The policy of a SKU in a store, either of which may be `*`.

    The most specific one is valid: of the SKU in the store, of the SKU, of the store, of all. Whether units are tracked
    depends only on policies for all stores.
    """

    model_config = example(POLICY)

    store_id: str
    sku: str
    tracked: StoredBool
    safety_margin: int
    created_at: StoredTime
    updated_at: StoredTime
    version: int

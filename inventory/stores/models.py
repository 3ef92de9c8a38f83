"""What clients send and get of a store."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from fastapi import Path
from pydantic import Field, WithJsonSchema

from chassis.types.numbers import SHOWN_AS_NUMBER, PlainDecimal, StoredBool
from chassis.types.postal_addresses import COORDINATES, Country, Latitude, LongitudeOfPair
from chassis.types.schemas import component, example
from chassis.types.text import Line
from chassis.types.times import StoredTime
from inventory.examples import NEW_STORE, STORE
from inventory.models import RequestModel, ResponseModel, StoreId

ThisStore = Annotated[StoreId, Path(description="The store's id.", examples=["seattle"])]

Priority = Annotated[int, Field(ge=-1000, le=1000, strict=True, description="The higher, the sooner it is asked.")]


class StoreKind(StrEnum):
    """What a store is."""

    SHOP = "shop"
    WAREHOUSE = "warehouse"


class StoreInput(RequestModel):
    """The members of a store that clients set."""

    together: ClassVar = (COORDINATES,)

    name: Annotated[Line, Field(max_length=100)]
    kind: StoreKind = StoreKind.SHOP
    country: Country
    region: Annotated[Line, Field(max_length=100)] | None = None
    city: Annotated[Line, Field(max_length=100)] | None = None
    latitude: Latitude | None = None
    longitude: LongitudeOfPair = None
    priority: Priority = 0
    sells_online: bool = True


class NewStore(StoreInput):
    """A new store. Its process has the same id in `OMS_STORE_ID`."""

    model_config = example(NEW_STORE)

    id: StoreId


Kind = Annotated[
    str,
    WithJsonSchema(
        component("Kind", type="string", examples=list(StoreKind), description="What it is; others may be added.")
    ),
]
"""A stored kind; it is not validated when it is read."""

Degrees = Annotated[PlainDecimal, SHOWN_AS_NUMBER]


class Store(ResponseModel):
    """A place that holds stock. Units of a store that does not sell online are not promised.

    Everything that it wrote before `freshUntil` is counted; it is stale if that is long ago. A store that nobody has
    described has the country `ZZ`: it was made by its first sign of life.
    """

    model_config = example(STORE)

    id: str
    name: str
    kind: Kind
    country: str
    region: str | None
    city: str | None
    latitude: Degrees | None
    longitude: Degrees | None
    priority: int
    sells_online: StoredBool
    fresh_until: StoredTime | None
    stale: bool
    created_at: StoredTime
    updated_at: StoredTime
    version: int
    details_version: Annotated[int, Field(exclude=True)] = 1
    """Raised by each change of what clients set; the ETag."""

"""What tills and back rooms send to a store and get from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel

from chassis.types.numbers import whole
from chassis.types.products import AnySku, Sku
from chassis.types.schemas import component, example
from chassis.types.text import A_LINE, clean_line, not_empty, still_within
from chassis.types.times import PastMoment, StoredTime
from contracts.stores import AllocationState, Reason
from stores import examples
from stores.rules import MAX_UNITS
from stores.settings import STORE_ID

MAX_DELTA = 1_000_000
MAX_REFERENCE = 100

OWN_REFERENCES = ("allocation:", "receipt:")
"""References of movements that the store itself makes."""

StoreId = Annotated[
    str,
    Path(
        pattern=f"^{STORE_ID.pattern}$",
        description="The store's id: each store answers for itself only.",
        examples=[examples.STORE_ID],
    ),
]
ThisSku = Annotated[AnySku, Path(description="The SKU, percent-encoded.", examples=[examples.SKU])]
AllocationId = Annotated[
    UUID, Path(description="The allocation's id, which is that of its reservation.", examples=[examples.ALLOCATION_ID])
]

ThisSequence = Annotated[
    int, Path(ge=1, le=2**53, description="The number of the movement among those of its SKU, from 1.", examples=[2])
]


def _not_ours(reference: str) -> str:
    if reference.startswith(OWN_REFERENCES):
        raise ValueError(f"must not begin with {' or '.join(OWN_REFERENCES)}, which the service itself uses")
    return reference


Reference = Annotated[
    str,
    StringConstraints(max_length=MAX_REFERENCE),
    AfterValidator(clean_line),
    AfterValidator(not_empty),
    AfterValidator(still_within(MAX_REFERENCE)),
    AfterValidator(_not_ours),
    WithJsonSchema(
        component(
            "Reference",
            type="string",
            minLength=1,
            maxLength=MAX_REFERENCE,
            pattern=A_LINE,
            **{"not": {"pattern": f"^({'|'.join(OWN_REFERENCES)})"}},
            description="The till's own number of a movement. A SKU has at most one movement with it.",
        )
    ),
]
"""1 to 100 characters."""

Happened = Annotated[
    PastMoment | None, Field(description="When it happened, by default now; at most a day in the future.")
]
Delta = Annotated[int, Field(ge=-MAX_DELTA, le=MAX_DELTA, strict=True), BeforeValidator(whole)]
Units = Annotated[int, Field(ge=0, le=MAX_UNITS, strict=True), BeforeValidator(whole)]
Sequence = Annotated[int, Field(ge=0, le=2**53, strict=True), BeforeValidator(whole)]


class TillReason(StrEnum):
    """Why units moved. Units that are sold leave, units that are received or returned arrive."""

    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    ADJUSTED = "adjusted"
    DAMAGED = "damaged"
    TRANSFERRED = "transferred"


_ARRIVE = (TillReason.RECEIVED, TillReason.RETURNED)


class ShortageReason(StrEnum):
    """Why units of an allocation cannot be picked: they are not there, or they are and cannot be sold."""

    MISSING = "missing"
    DAMAGED = "damaged"


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class NewMovement(_Model):
    """Units that moved. `delta` changes the units on hand, `unsellableDelta` how many of them cannot be sold.

    With `override`, units that are committed to orders can leave, since the customer has them in the hand: the newest
    allocations become short.
    """

    model_config = example(examples.NEW_MOVEMENT)

    sku: Sku
    reason: TillReason
    unsellable_delta: Delta = 0
    delta: Delta
    reference: Reference | None = None
    happened_at: Happened = None
    override: StrictBool = False

    @field_validator("delta")
    @classmethod
    def _moves(cls, delta: int, others: ValidationInfo) -> int:
        reason = others.data.get("reason")
        if delta == 0 and others.data.get("unsellable_delta") == 0:
            raise ValueError("must not be 0, unless unsellableDelta is given")
        if reason is TillReason.SOLD and delta >= 0:
            raise ValueError("must be negative for units that are sold")
        if reason in _ARRIVE and delta <= 0:
            raise ValueError(f"must be positive for units that are {reason.value}")
        return delta


class NewCount(_Model):
    """A stocktake: the units of a SKU that are there, sellable or not.

    `countedAt` is the `movements` of the stock when the count began. Units that moved since then are added, so sales
    during the count make no difference.
    """

    model_config = example(examples.NEW_COUNT)

    sku: Sku
    counted: Units
    counted_at: Sequence


class NewShortage(_Model):
    """Committed units that cannot be picked: `quantity` of them are missing or damaged."""

    model_config = example(examples.NEW_SHORTAGE)

    quantity: Annotated[int, Field(ge=1, le=MAX_UNITS, strict=True), BeforeValidator(whole)]
    reason: ShortageReason


class Levels(_Model):
    """The level at or below which more is to be ordered, and the level to which."""

    model_config = example(examples.LEVELS)

    reorder_at: Units | None = None
    reorder_to: Units | None = None

    @field_validator("reorder_to")
    @classmethod
    def _in_order(cls, reorder_to: int | None, others: ValidationInfo) -> int | None:
        reorder_at = others.data.get("reorder_at")
        if reorder_to is not None and reorder_at is not None and reorder_to <= reorder_at:
            raise ValueError("must be greater than reorderAt")
        return reorder_to


class Stock(_Model):
    """The units of a SKU in this store. `onHand` includes those that are `unsellable` or `committed` to orders; `free`
    are the others. `movements` is the number of movements that led here.
    """

    model_config = example(examples.STOCK)

    store_id: str
    sku: str
    on_hand: int
    unsellable: int
    committed: int
    free: int
    movements: int
    reorder_at: int | None
    reorder_to: int | None
    updated_at: StoredTime
    version: int


class Movement(_Model):
    """One change of the units on hand. `sequence` counts the movements of a SKU from 1."""

    model_config = example(examples.MOVEMENT)

    id: UUID
    sku: str
    sequence: int
    delta: int
    unsellable_delta: int
    on_hand_after: int
    unsellable_after: int
    reason: Reason
    reference: str | None
    caller: str | None
    happened_at: StoredTime
    recorded_at: StoredTime


class Allocation(_Model):
    """Units of an order in this store; its id is that of the reservation. `shipped` units left before the others."""

    model_config = example(examples.ALLOCATION)

    id: UUID
    sku: str
    order_id: UUID | None
    quantity: int
    shipped: int
    state: AllocationState
    answered_at: StoredTime
    version: int


class StockChange(_Model):
    """A movement, the stock after it, and the allocations that became short by it."""

    model_config = example(examples.CHANGE)

    movement: Movement
    stock: Stock
    short: list[Allocation]


class Count(StockChange):
    """The result of a count. `difference` is what was there beyond the books; negative if less was there."""

    model_config = example(examples.COUNT)

    difference: int

"""What clients send and get of availability."""

from __future__ import annotations

from chassis.types.schemas import example
from chassis.types.times import StoredTime
from inventory.examples import AVAILABILITY, CHECK, CHECKED
from inventory.models import Destination, RequestModel, ResponseModel, StoreId, WantedLines


class Availability(ResponseModel):
    """The units of one SKU in one store: `onHand` = `available` + `reserved` + `committed` + `unsellable`.

    `available` is what nobody has been promised; `availableToPromise` is less the safety margin, which is kept for
    the store's own till, and 0 while orders wait for units of the SKU (`hasBackorders`). `incoming` units are on their
    way to the store. Everything that the store wrote before `freshUntil` is counted; it is stale if that is long ago.
    """

    model_config = example(AVAILABILITY)

    sku: str
    store_id: str
    on_hand: int
    unsellable: int
    committed: int
    reserved: int
    available: int
    safety_margin: int
    available_to_promise: int
    incoming: int
    has_backorders: bool
    fresh_until: StoredTime | None
    stale: bool
    version: int


class AvailabilityList(ResponseModel):
    """The stores that have units of the SKUs, sorted by SKU and store."""

    model_config = example({"items": [AVAILABILITY]})

    items: list[Availability]


class NewCheck(RequestModel):
    """The units that a client would reserve."""

    model_config = example(CHECK)

    lines: WantedLines
    store_id: StoreId | None = None
    destination: Destination | None = None


class CheckedLine(ResponseModel):
    """A line with the units that are left for it: lines before it take theirs first."""

    sku: str
    wanted: int
    available: int


class Check(ResponseModel):
    """Whether all lines could be reserved at this moment; nothing is reserved."""

    model_config = example(CHECKED)

    available: bool
    lines: list[CheckedLine]

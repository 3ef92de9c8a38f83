"""The decision about a corrected delivery address of an order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.orders import DeliveryAddress
from orders.refusal import Violation
from orders.replica.references import UnknownReference


@dataclass(frozen=True)
class Correction:
    """The delivery addresses of the order after the correction, and the names of the changed fields."""

    addresses: Sequence[DeliveryAddress]
    changed: Sequence[str]


def correct(addresses: Sequence[DeliveryAddress], corrected: DeliveryAddress) -> Correction:
    """Replace the address that has the id of `corrected`. Raises UnknownReference."""
    before = next((each for each in addresses if each.address_id == corrected.address_id), None)
    if before is None:
        detail = f"the order has no delivery address {corrected.address_id}"
        raise UnknownReference([Violation("#/deliveryAddressId", detail)])
    changed = [name for name in before.__struct_fields__ if getattr(before, name) != getattr(corrected, name)]
    return Correction([corrected if each is before else each for each in addresses], changed)

"""The decision about a delivery address that is corrected on an order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.orders import DeliveryAddress
from orders.references import UnknownReference
from orders.refusal import Violation


@dataclass(frozen=True)
class Correction:
    """All addresses that an order goes to from now on, and which parts of the one that was corrected are others."""

    addresses: Sequence[DeliveryAddress]
    changed: Sequence[str]


def correct(addresses: Sequence[DeliveryAddress], corrected: DeliveryAddress) -> Correction:
    """Put `corrected` in the place of the address with its id. Raises UnknownReference."""
    before = next((each for each in addresses if each.address_id == corrected.address_id), None)
    if before is None:
        detail = f"the order does not go to an address {corrected.address_id}"
        raise UnknownReference([Violation("#/deliveryAddressId", detail)])
    changed = [name for name in before.__struct_fields__ if getattr(before, name) != getattr(corrected, name)]
    return Correction([corrected if each is before else each for each in addresses], changed)

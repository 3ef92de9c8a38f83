"""What a drill sells: new products with their units, and one customer in whose name all buyers order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from chassis.addresses import store_process
from chassis.retrying import attempts
from oms.company.errors import RequestRefused
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.drill.tills import Fair

TIMEOUT_S = 60.0
PRODUCTS = 3


class NotReady(Exception):
    """The sale could not begin."""


@dataclass(frozen=True)
class Sale:
    """What is sold, by which store, to whom."""

    sku: str
    store_id: str
    units: int
    customer_id: str
    address_id: str

    def order(self, reservation_id: str | None = None) -> dict[str, Any]:
        """The body of POST /orders for one unit."""
        line = {"sku": self.sku, "quantity": 1, "deliveryAddressId": self.address_id}
        body: dict[str, Any] = {"customerId": self.customer_id, "lines": [line]}
        return {**body, "reservationId": reservation_id} if reservation_id else body


async def open_sale(rest: Rest, store_id: str, units: int) -> Sale:
    """Create the product with its units, and those of the safety margin. Returns once central can promise `units`.

    Raises NotReady, RequestRefused and ServiceUnavailable.
    """
    customer_id, address_id = await _buyer(rest)
    sale = Sale(await _product(rest), store_id, units, customer_id, address_id)
    await _receive(rest, store_id, sale.sku, units)
    margin = (await _until_known(rest, sale, "onHand"))["safetyMargin"]
    if margin:
        await _receive(rest, store_id, sale.sku, margin)
    await _until_known(rest, sale, "availableToPromise")
    return sale


async def open_fair(rest: Rest, stores: Sequence[str], units: int) -> Fair:
    """Create `PRODUCTS` products with so many units in each store. Returns once central knows of them.

    Raises NotReady, RequestRefused and ServiceUnavailable.
    """
    customer_id, address_id = await _buyer(rest)
    fair = Fair([await _product(rest) for _ in range(PRODUCTS)], stores, units, customer_id, address_id)
    for store_id in stores:
        for sku in fair.skus:
            await _receive(rest, store_id, sku, units)
            await _until_known(rest, Sale(sku, store_id, units, customer_id, address_id), "onHand")
    return fair


async def _product(rest: Rest) -> str:
    """The SKU of a new product."""
    sku = f"FLASH-{uuid4().hex[:12]}"
    product = {"sku": sku, "name": f"Flash sale {sku[-4:]}", "price": "10.00", "currency": "USD"}
    await _post(rest, "products", "/products", product)
    return sku


async def _buyer(rest: Rest) -> tuple[str, str]:
    """The ids of a new customer and of its address."""
    person = {"name": "Flash", "lastName": "Sale", "email": f"flash-{uuid4().hex[:12]}@demo.example"}
    customer = await _post(rest, "customers", "/customers", person)
    street = {"street": "Pike Street", "number": "1", "city": "Seattle", "country": "US"}
    address = await _post(rest, "customers", f"/customers/{customer['id']}/addresses", street)
    return customer["id"], address["id"]


async def promised(rest: Rest, sale: Sale) -> dict[str, Any]:
    """The availability of the product in its store; empty before central has heard of it."""
    found = await until_available(lambda: rest.get("inventory", "/availability", sku=sale.sku, all="true"))
    items: list[dict[str, Any]] = found.json()["items"]
    return next((each for each in items if each["storeId"] == sale.store_id), {})


async def _receive(rest: Rest, store_id: str, sku: str, units: int) -> None:
    moved = {"sku": sku, "delta": units, "reason": "received"}
    await _post(rest, store_process(store_id), f"/stores/{quote(store_id, safe='')}/stock-movements", moved)


async def _until_known(rest: Rest, sale: Sale, column: str) -> dict[str, Any]:
    """The availability once it has the units of the sale in this column. Raises NotReady."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        found = await promised(rest, sale)
        if found.get(column) == sale.units:
            return found
        if monotonic() > deadline:
            raise NotReady(f"inventory does not have the {sale.units} units of {sale.sku}; see: oms lag")
    raise AssertionError("attempts never end")


async def _post(rest: Rest, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    key = str(uuid4())
    created: dict[str, Any] = (await until_available(lambda: rest.post(service, path, body, key))).json()
    return created


async def count_orders(rest: Rest, sale: Sale, status: str, most: int | None = None) -> int:
    """The orders of the sale that have a status; at most about `most` are counted."""
    count, cursor = 0, None
    while True:
        wanted = {"customerId": sale.customer_id, "status": status, "limit": 100, "cursor": cursor}
        page = (await until_available(lambda wanted=wanted: rest.get("orders", "/orders", **wanted))).json()  # type: ignore[misc]
        count, cursor = count + len(page["items"]), page["nextCursor"]
        if cursor is None or (most is not None and count >= most):
            return count


def is_sold_out(refusal: RequestRefused) -> bool:
    """Whether a reservation was refused because too few units are left."""
    return refusal.kind == "insufficient-stock"

"""`oms stock adjust STORE SKU DELTA`: corrects the units of a SKU in a store, as its back room would."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

import typer

from chassis.addresses import store_process
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.stock.requests import run
from oms.terminal import console, good

StoreId = Annotated[str, typer.Argument(help="Id of a store, such as seattle.")]
Sku = Annotated[str, typer.Argument(help="SKU of a product.")]
Delta = Annotated[int, typer.Argument(help="Units to add; negative units are removed.")]
Reason = Annotated[str, typer.Option("--reason", help="adjusted, received, sold, returned, damaged or transferred.")]
Reference = Annotated[str | None, typer.Option("--reference", help="Number of the document; it is used once.")]


def adjust_stock(
    store: StoreId, sku: Sku, delta: Delta, reason: Reason = "adjusted", reference: Reference = None
) -> None:
    """Change the units on hand of a SKU in a store, by a movement in its ledger."""
    body = {"sku": sku, "delta": delta, "reason": reason, **({"reference": reference} if reference else {})}
    path, key = f"/stores/{quote(store, safe='')}/stock-movements", str(uuid4())

    async def move(services: Rest) -> dict[str, int]:
        moved = await until_available(lambda: services.post(store_process(store), path, body, key))
        stock: dict[str, int] = moved.json()["stock"]
        return stock

    stock = run(move)
    console.print(good(f"{store} has {stock['onHand']} of {sku} on hand, {stock['free']} of them free"))

"""`oms stock show SKU`: the units of a SKU in every store, as the store has them and as central knows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from oms.company.rest import Rest
from oms.stock.requests import run
from oms.terminal import NOTHING, bad, console, fail, good

Sku = Annotated[str, typer.Argument(help="SKU of a product.")]

COLUMNS = {
    "on\nhand": "onHand",
    "un-\nsellable": "unsellable",
    "com-\nmitted": "committed",
    "re-\nserved": "reserved",
    "avail-\nable": "available",
    "margin": "safetyMargin",
}
"""The columns of the table, and their names in REST. All fit into 80 characters; a long id of a store is wrapped."""


def show_stock(sku: Sku) -> None:
    """Show the units of a SKU in each store: on hand, committed, reserved, available, incoming; and if orders wait."""
    stores = run(lambda services: _availability(services, sku))
    if not stores:
        raise fail(f"no store has ever had {sku}")
    table = Table(
        "store", *COLUMNS, "to\npromise", "in-\ncoming", "age", box=box.SIMPLE_HEAD, show_edge=False, padding=0
    )
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for each in stores:
        promise = good(str(each["availableToPromise"])) if each["availableToPromise"] else bad("0")
        units = (str(each[name]) for name in COLUMNS.values())
        last = str(each["incoming"]), age(each["freshUntil"], is_stale=each["stale"])
        table.add_row(each["storeId"], *units, promise, *last)
    console.print(table)
    if any(each["hasBackorders"] for each in stores):
        console.print(f"orders wait for {sku}: units that arrive are theirs")


def age(fresh_until: str | None, *, is_stale: bool) -> str:
    """How old the oldest knowledge of a store is: everything that it wrote before is counted."""
    if fresh_until is None:
        return NOTHING
    age = datetime.now(UTC) - datetime.fromisoformat(fresh_until)
    text = f"{max(0.0, age.total_seconds()):,.0f} s"
    return bad(text) if is_stale else text


async def _availability(services: Rest, sku: str) -> list[dict[str, Any]]:
    found = await services.get("inventory", "/availability", sku=sku, all="true")
    items: list[dict[str, Any]] = found.json()["items"]
    return items

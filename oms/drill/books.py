"""The books of a drill: what stores, central and orders say afterwards, and what of it is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from chassis.addresses import store_process
from oms.company.paging import every_item
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.drill.tills import Fair, Sold

UNITS = ("onHand", "unsellable", "committed")


@dataclass(frozen=True)
class Books:
    """What there is after a drill: the stock and the references sold by store and SKU, central's rows, the orders."""

    shelves: dict[tuple[str, str], dict[str, Any]]
    sales: dict[tuple[str, str], Counter[str]]
    levels: dict[tuple[str, str], dict[str, Any]]
    statuses: dict[str, str]


async def read_books(rest: Rest, fair: Fair) -> Books:
    """Read all of it. Raises ServiceUnavailable and RequestRefused."""

    def get(service: str, path: str, **parameters: Any) -> Awaitable[httpx.Response]:
        return until_available(lambda: rest.get(service, path, **parameters))

    books = Books({}, {}, {}, {})
    for sku in fair.skus:
        for store in fair.stores:
            process, path = store_process(store), f"/stores/{quote(store, safe='')}/stock/{quote(sku, safe='')}"
            books.shelves[store, sku] = (await get(process, path)).json()
            movements = every_item(partial(get, process, f"{path}/movements"))
            books.sales[store, sku] = Counter(
                [each["reference"] async for each in movements if each["reason"] == "sold"]
            )
        levels = (await get("inventory", "/availability", sku=sku, all="true")).json()["items"]
        books.levels.update({(each["storeId"], sku): each for each in levels})
    async for order in every_item(partial(get, "orders", "/orders", customerId=fair.customer_id)):
        books.statuses[order["id"]] = order["status"]
    return books


def differences(fair: Fair, sold: Sold, books: Books) -> list[str]:
    """What is wrong: central and the store differ, a sale at a till is lost or doubled, or a unit is sold twice."""
    wrong = [f"an order is {status}: {each}" for each, status in books.statuses.items() if status == "placed"]
    for key, shelf in books.shelves.items():
        what, level = " ".join(key), books.levels.get(key, {})
        if {name: level.get(name) for name in UNITS} != {name: shelf[name] for name in UNITS}:
            wrong.append(f"{what}: the store has {_units(shelf)}, central {_units(level)}")
        if level.get("reserved") != 0 or level["available"] != shelf["free"]:
            wrong.append(f"{what}: {level.get('reserved')} units are still reserved")
        told, kept = sold.tills.get(key, set()), books.sales[key]
        if kept != Counter(told):
            wrong.append(f"{what}: tills were told of {len(told)} sales, the ledger has {kept.total()}")
        if shelf["onHand"] != fair.units - kept.total():
            wrong.append(f"{what}: {shelf['onHand']} on hand after {kept.total()} of {fair.units} were sold")
    for sku in fair.skus:
        committed = sum(shelf["committed"] for (_, each), shelf in books.shelves.items() if each == sku)
        confirmed = sum(
            quantity
            for each, (ordered, quantity) in sold.orders.items()
            if ordered == sku and books.statuses.get(each) == "confirmed"
        )
        if committed != confirmed:
            wrong.append(f"{sku}: {confirmed} units of confirmed orders, {committed} committed by stores")
    if lost := sold.orders.keys() - books.statuses.keys():
        wrong.append(f"{len(lost)} orders are lost, such as {min(lost)}")
    return wrong


def _units(row: dict[str, Any]) -> str:
    return ", ".join(f"{row.get(name)} {name}" for name in UNITS)

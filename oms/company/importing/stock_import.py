"""Imports the stores of a company and their stock: the first units of each SKU, and its reorder levels.

Stock changes with every sale, so units that a store has are left as they are; an update counts them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from chassis.addresses import store_process
from oms.company.concurrency import each_of
from oms.company.errors import UNKNOWN_PROCESS, RequestRefused, ServiceUnavailable
from oms.company.files import LineError, Position, entries
from oms.company.importing.import_state import STOCK, STORES, Outcome, Report
from oms.company.lines.base import sku_text
from oms.company.lines.stock import Stock, count_of, opening_movement
from oms.company.lines.stores import UNKNOWN_COUNTRY, Store, store_body
from oms.company.rest import Rest

REFERENCE = "opening stock"


async def import_stores(rest: Rest, folder: Path, report: Report, *, update: bool) -> None:
    """Create stores, or find those that are equal; with `update`, replace those that differ."""
    for position, store in entries(folder / STORES, Store, attrgetter("id"), report.refused):
        try:
            outcome = await _until_done(rest, partial(import_store, rest, store, update=update))
        except RequestRefused as error:
            report.refused(LineError(position, str(error)))
        else:
            report.count(STORES, outcome)


async def import_stock(rest: Rest, folder: Path, workers: int, report: Report, *, update: bool) -> None:
    """Import the stock of each line, `workers` at once."""

    async def import_one(line: tuple[Position, Stock]) -> None:
        try:
            outcome = await _until_done(rest, partial(_import_stock, rest, line[1], update))
        except RequestRefused as error:
            report.refused(LineError(line[0], str(error)))
        else:
            report.count(STOCK, outcome)

    await each_of(entries(folder / STOCK, Stock, attrgetter("key"), report.refused), workers, import_one)


async def import_store(rest: Rest, store: Store, *, update: bool) -> Outcome:
    """Create a store, describe one that was made by its first heartbeat, or with `update` replace one that differs.

    Raises RequestRefused and ServiceUnavailable.
    """
    body, path = store_body(store), f"/stores/{quote(store.id, safe='')}"
    found = await found_or_none(rest, "inventory", path)
    if found is None:
        await rest.post("inventory", "/stores", body)
        return Outcome.CREATED
    different = {name: value for name, value in body.items() if not _is_same(value, found.json()[name])}
    if not different:
        return Outcome.UNCHANGED
    is_described = found.json()["country"] != UNKNOWN_COUNTRY
    if not update and is_described:
        raise _differs(f"store {store.id}", different)
    await rest.patch("inventory", path, different, found.headers["ETag"])
    return Outcome.UPDATED if is_described else Outcome.CREATED


async def _import_stock(rest: Rest, stock: Stock, update: bool) -> Outcome:
    service, path = store_process(stock.store), f"/stores/{quote(stock.store, safe='')}"
    sku_path = f"{path}/stock/{quote(sku_text(stock.sku), safe='')}"
    found = await found_or_none(rest, service, sku_path)
    outcome = Outcome.UNCHANGED
    if found is None:
        outcome = Outcome.CREATED
        await _open(rest, service, path, stock)
    elif update and (found.json()["onHand"], found.json()["unsellable"]) != (stock.on_hand, stock.unsellable):
        outcome = Outcome.UPDATED
        await _count(rest, service, path, stock, found.json())
    found = await rest.get(service, sku_path)
    shown, levels = found.json(), stock.levels
    if {name: shown[name] for name in levels} == levels:
        return outcome
    # A stock without levels was created by a sale, a delivery, or an import that was interrupted here.
    if not update and any(shown[name] is not None for name in levels):
        raise _differs(f"the stock of {shown['sku']} in {stock.store}", levels)
    await rest.patch(service, sku_path, levels, found.headers["ETag"])
    return Outcome.UPDATED if outcome is Outcome.UNCHANGED else outcome


async def _open(rest: Rest, service: str, path: str, stock: Stock) -> None:
    """Bring the first units into the store; a count makes a stock without units."""
    if stock.on_hand == 0:
        await rest.post(service, f"{path}/stock-counts", count_of(stock, None), str(uuid4()))
        return
    try:
        await rest.post(service, f"{path}/stock-movements", opening_movement(stock, REFERENCE), str(uuid4()))
    except RequestRefused as error:
        if error.kind != "reference-taken":  # a movement whose answer was lost
            raise


async def _count(rest: Rest, service: str, path: str, stock: Stock, shown: Mapping[str, Any]) -> None:
    counted = await rest.post(service, f"{path}/stock-counts", count_of(stock, shown), str(uuid4()))
    unsellable = stock.unsellable - counted.json()["stock"]["unsellable"]
    if unsellable:
        moved = {"sku": shown["sku"], "delta": 0, "unsellableDelta": unsellable, "reason": "adjusted"}
        await rest.post(service, f"{path}/stock-movements", moved, str(uuid4()))


async def found_or_none(rest: Rest, service: str, path: str) -> httpx.Response | None:
    """The response, or None if the resource does not exist. Raises RequestRefused and ServiceUnavailable."""
    try:
        return await rest.get(service, path)
    except RequestRefused as error:
        if error.status != 404 or error.kind == UNKNOWN_PROCESS:
            raise
        return None


async def _until_done(rest: Rest, action: Callable[[], Awaitable[Outcome]]) -> Outcome:
    return await rest.timeout.until_done(action, lambda error: isinstance(error, ServiceUnavailable))


def _is_same(value: object, shown: object) -> bool:
    """Whether a member of a line is that of a response; decimals are texts in both, of any number of digits."""
    if value is None or shown is None or isinstance(value, bool | int):
        return value == shown
    try:
        return Decimal(str(value)) == Decimal(str(shown))
    except InvalidOperation:
        return value == shown


def _differs(what: str, wanted: Mapping[str, object]) -> RequestRefused:
    members = ", ".join(f"{name} {value}" for name, value in wanted.items())
    return RequestRefused(409, "differs", f"{what} exists and differs from {members}; --update replaces it")

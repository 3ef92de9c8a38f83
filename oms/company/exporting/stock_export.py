"""Exports the stores and their stock, page by page; an interrupted export of these files begins anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from chassis.addresses import store_process
from oms.company.errors import UNKNOWN_PROCESS, RequestRefused, ServiceUnavailable
from oms.company.importing.import_state import STOCK, STORES
from oms.company.lines.base import Body
from oms.company.lines.stock import stock_line
from oms.company.lines.stores import UNKNOWN_COUNTRY, store_line
from oms.company.paging import every_item
from oms.company.rest import Rest

STOCK_FILES = (STORES, STOCK)


async def export_stores(part: Path, rest: Rest, on_line: Callable[[], None]) -> dict[str, bool]:
    """Write every store that somebody has described. Returns the ids of all that central knows, and whether it has
    heard of each."""
    known = {}
    with part.open("wb") as file:
        async for shown in _items(rest, "inventory", "/stores"):
            known[shown["id"]] = shown["freshUntil"] is not None
            if shown["country"] != UNKNOWN_COUNTRY:
                file.write(_encoded(store_line(shown)))
                on_line()
    return known


async def export_stock(
    part: Path, rest: Rest, stores: Mapping[str, bool], on_line: Callable[[], None], on_skip: Callable[[str], None]
) -> None:
    """Write the stock of these stores. Each that central has heard of must respond; others are skipped if they do not.

    `on_skip` is called with their ids. Raises ServiceUnavailable after the timeout.
    """
    with part.open("wb") as file:
        for store_id, has_reported in stores.items():
            service, path = store_process(store_id), f"/stores/{quote(store_id, safe='')}/stock"
            if not has_reported and not await _responds(rest, service, path):
                on_skip(store_id)
                continue
            async for shown in _items(rest, service, path):
                file.write(_encoded(stock_line(shown)))
                on_line()


async def _responds(rest: Rest, service: str, path: str) -> bool:
    try:
        await rest.get(service, path, limit=1)
    except ServiceUnavailable:
        return False
    except RequestRefused as error:
        if error.kind != UNKNOWN_PROCESS:
            raise
        return False
    return True


def _items(rest: Rest, service: str, path: str) -> AsyncIterator[dict[str, Any]]:
    def get(**parameters: Any) -> Awaitable[httpx.Response]:
        wanted = partial(rest.get, service, path, **parameters)
        return rest.timeout.until_done(wanted, lambda error: isinstance(error, ServiceUnavailable))

    return every_item(get)


def _encoded(line: Body) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

"""Exports the stores and their stock, page by page; an interrupted export of these files begins anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from chassis.addresses import store_process
from oms.company.errors import ServiceUnavailable
from oms.company.importing.import_state import STOCK, STORES
from oms.company.lines.base import Body
from oms.company.lines.stock import stock_line
from oms.company.lines.stores import UNKNOWN_COUNTRY, store_line
from oms.company.paging import every_item
from oms.company.rest import Rest

STOCK_FILES = (STORES, STOCK)


async def export_stores(part: Path, rest: Rest, on_line: Callable[[], None]) -> list[str]:
    """Write every store that somebody has described, and return the ids of all that central knows."""
    ids = []
    with part.open("wb") as file:
        async for shown in _items(rest, "inventory", "/stores"):
            ids.append(shown["id"])
            if shown["country"] != UNKNOWN_COUNTRY:
                file.write(_encoded(store_line(shown)))
                on_line()
    return ids


async def export_stock(part: Path, rest: Rest, store_ids: list[str], on_line: Callable[[], None]) -> None:
    """Write the stock of these stores. Each must respond. Raises ServiceUnavailable after the timeout."""
    with part.open("wb") as file:
        for store_id in store_ids:
            async for shown in _items(rest, store_process(store_id), f"/stores/{quote(store_id, safe='')}/stock"):
                file.write(_encoded(stock_line(shown)))
                on_line()


def _items(rest: Rest, service: str, path: str) -> AsyncIterator[dict[str, Any]]:
    def get(**parameters: Any) -> Awaitable[httpx.Response]:
        wanted = partial(rest.get, service, path, **parameters)
        return rest.timeout.until_done(wanted, lambda error: isinstance(error, ServiceUnavailable))

    return every_item(get)


def _encoded(line: Body) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

"""What central knows of a store: created with the members that are given, or changed in these alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from chassis.addresses import store_process
from oms.company.errors import RequestRefused
from oms.company.importing.import_state import Outcome
from oms.company.importing.stock_import import found_or_none, import_store
from oms.company.lines.stores import UNKNOWN_COUNTRY, Store, store_line
from oms.company.rest import Rest

MAX_ACCOUNT = 32
"""The longest name of an account of MySQL, which is that of the store's process."""

_STORE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def id_fault(store_id: str) -> str | None:
    """Why no database, account or port can be named after this id; None if they can."""
    if not _STORE_ID.fullmatch(store_id):
        return "use lower case letters and digits, with single hyphens between them"
    longest = MAX_ACCOUNT - len(store_process(""))
    return None if len(store_id) <= longest else f"use at most {longest} characters: it names an account of MySQL"


async def describe(rest: Rest, store_id: str, given: Mapping[str, Any]) -> tuple[Outcome, bool]:
    """What was done with the store, and whether central has heard of its process before.

    An existing store keeps the members that are not `given`. Raises RequestRefused and ServiceUnavailable.
    """
    found = await found_or_none(rest, "inventory", f"/stores/{quote(store_id, safe='')}")
    shown = found.json() if found else {}
    known = msgspec.convert(store_line(shown), Store) if found else _new(store_id)
    store = replace(known, **given)
    if store.country == UNKNOWN_COUNTRY:
        raise RequestRefused(422, "no-country", f"{store_id} has no country: add --country")
    return await import_store(rest, store, update=True), shown.get("freshUntil") is not None


def _new(store_id: str) -> Store:
    return Store(id=store_id, name=store_id, kind="shop", country=UNKNOWN_COUNTRY)

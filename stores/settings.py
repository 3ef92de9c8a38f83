"""Settings of a store's process."""

from __future__ import annotations

import re
from pathlib import Path

from chassis import settings
from chassis.databases.mysql import Database

MIGRATIONS = Path(__file__).parent / "migrations"

STORE_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")

BEAT_S = settings.seconds("OMS_STORE_BEAT_S", 10)
"""How often a store writes its sign of life."""


def store_id() -> str:
    """The store that this process runs: `OMS_STORE_ID`. Raises SettingMissing, and ValueError for a malformed one."""
    value = settings.required("OMS_STORE_ID")
    if not STORE_ID.fullmatch(value):
        raise ValueError(f"OMS_STORE_ID is {value!r}: expected up to 32 of a-z, 0-9 and inner hyphens")
    return value


def process_name() -> str:
    """The name of the process, of its database and of its account: `store_<id>`, in which a hyphen becomes `_`."""
    return f"store_{store_id().replace('-', '_')}"


def database() -> Database:
    """The store's own database, with its own account and password, `OMS_STORE_<ID>_DB_PASSWORD`."""
    name = process_name()
    return Database(settings.mysql(name, f"OMS_{name.upper()}_DB_PASSWORD", name))

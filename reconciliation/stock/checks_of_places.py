"""The statement about the stores themselves: what central knows of one without a database is verified by nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase
from os import environ

from reconciliation.stock.databases import IS_STARTED
from reconciliation.stock.rules import Check, Rule
from reconciliation.stock.violations import Violation

# A store that is being set up has no database yet, or no tables: it has not reported, and no unit is in it.
MISSING = Check(
    Rule.STORES,
    f"""
    SELECT store_id AS id, CONCAT('store_', REPLACE(store_id, '-', '_')) AS name FROM inventory.store AS s
    WHERE (fresh_until IS NOT NULL OR EXISTS (
            SELECT 1 FROM inventory.availability AS a
            WHERE a.stock_id >= CONCAT(s.store_id, '/') AND a.stock_id < CONCAT(s.store_id, '0')))
        AND NOT EXISTS (
            SELECT 1 FROM information_schema.tables
            WHERE table_schema = CONCAT('store_', REPLACE(s.store_id, '-', '_')) AND {IS_STARTED})
    """,
    "not verified: {id}, whose database {name} is missing or has no tables; see oms stores restore",
    (),
)


def is_elsewhere(violation: Violation) -> bool:
    """Whether it is about a store whose database is on a server of its own: one that `OMS_STORES_ELSEWHERE` names.

    It has ids of stores, separated by commas; `*` stands for any characters.
    """
    patterns = environ.get("OMS_STORES_ELSEWHERE", "").split(",")
    return violation.check is MISSING and any(fnmatchcase(violation.id, each.strip()) for each in patterns)

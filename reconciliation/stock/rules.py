"""What must be true of stock, one statement for each way in which it can be false.

A statement selects the rows that violate its rule, each with an `id` and the columns that its text shows. Each sees one
snapshot of all databases, so rules within one database hold at any moment. `{store}` is the database of a store.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules, by the name that metrics and commands show."""

    LEDGER = "V1"
    COMMITTED = "V2"
    RESERVED = "V3"
    AVAILABILITY = "V4"
    ANSWERS = "V5"
    CACHE = "V6"
    LINES = "V7"
    WAITING = "V8"
    RESTOCKS = "V9"
    STORES = "V10"


MEANINGS = {
    Rule.LEDGER: "units on hand are the sum of the movements, which have no gap",
    Rule.COMMITTED: "committed units are those of the committed allocations",
    Rule.RESERVED: "reserved units are those of open reservations that no store has committed",
    Rule.AVAILABILITY: "availability is the stock of the store",
    Rule.ANSWERS: "reservations have the state that the store answered",
    Rule.CACHE: "Redis has the available units",
    Rule.LINES: "each line of a sourced order has all its units, or waits for the rest",
    Rule.WAITING: "no reservation and no order waits for longer than 15 minutes",
    Rule.RESTOCKS: "a stock has one open restock request, and what was sent to it is incoming or delivered",
    Rule.STORES: "each store that has reported, or has stock, has a database and is verified",
}


class Remedy(StrEnum):
    """How a violation is repaired: by a higher version of the row, so that it is published again, by a sum, or by
    removing a value from Redis."""

    STOCK = "stock"
    ALLOCATION = "allocation"
    RESERVATION = "reservation"
    SOURCING = "sourcing"
    INBOUND = "inbound"
    RECEIPT = "receipt"
    RESERVED = "reserved"
    INCOMING = "incoming"
    CACHE = "cache"
    NONE = ""
    """The ledger is never changed, and an order is not decided here: an operator counts, or traces the order."""


class Needs(StrEnum):
    """What must have happened after a row was found, so that it is no change in transit."""

    NOTHING = ""
    """The tables are written in one transaction, or the row is newer than what it is derived from."""

    HEARD = "heard"
    """Inventory has processed what the store had committed: its `fresh_until` has passed the time of the first look."""

    READ = "read"
    """The store has read what inventory had committed."""


@dataclass(frozen=True)
class Check:
    """One statement. `text` formats a row; `state` names the columns that are equal for as long as nothing happens."""

    rule: Rule
    sql: str
    text: str
    state: tuple[str, ...]
    remedy: Remedy = Remedy.NONE
    needs: Needs = Needs.NOTHING

"""Metrics of decisions and answers."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from contracts.inventory.reservations import ReservationState
from contracts.inventory.restocks import RestockRequestRow
from contracts.inventory.sourcing import SourcingStatus
from inventory.orders.settling import Outcome

SOURCINGS = Counter("oms_sourcings_total", "Orders whose stock got this status", ["status"])

SOURCING_SECONDS = Histogram(
    "oms_sourcing_seconds",
    "From placing an order until its stores have committed all units, or it was refused",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900),
)

STORE_ANSWERS = Counter(
    "oms_inventory_answers_total", "Answers of stores that changed a reservation, by its state", ["answer"]
)

SHORT_UNITS = Counter("oms_short_units_total", "Units that a store had committed and that were not there")

BACKORDERED_UNITS = Gauge("oms_backordered_units", "Units that orders wait for")

STORE_FRESH_UNTIL = Gauge(
    "oms_store_fresh_until_timestamp_seconds",
    "Everything that the store had committed by this time is in inventory",
    ["store"],
)

RESTOCK_REQUESTS = Counter(
    "oms_restock_requests_total", "Restock requests that the simulated supplier moved or a store closed", ["status"]
)

_DECIDED = (SourcingStatus.COMMITTED, SourcingStatus.REFUSED)


def count(outcome: Outcome) -> None:
    """Count what a transaction has written."""
    for row in outcome.answered:
        STORE_ANSWERS.labels(row.state).inc()
        if row.state == ReservationState.SHORT:
            SHORT_UNITS.inc(row.quantity)
    for sourcing in outcome.sourcings:
        SOURCINGS.labels(sourcing.status).inc()
        if sourcing.status in _DECIDED:
            SOURCING_SECONDS.observe(max(0.0, (sourcing.updated_at - sourcing.placed_at).total_seconds()))


def count_restocks(rows: Iterable[RestockRequestRow]) -> None:
    """Count restock requests that a transaction has moved."""
    for row in rows:
        RESTOCK_REQUESTS.labels(row.status).inc()

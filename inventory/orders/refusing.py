"""Why an order that lacks units may not wait for them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory.decisions.rules import Line, Shortage, wanted_units
from inventory.levels import Levels
from inventory.orders import reasons
from inventory.orders.backordering import beyond_limit, may_wait
from inventory.orders.claim import Claim
from inventory.orders.queue import Queue
from inventory.reservations import own_units


def refusal(claim: Claim, lacks: Sequence[Shortage], levels: Levels, queue: Queue) -> str | None:
    """Why the order may not wait for what it lacks; None if it may."""
    order, terms = claim.order, claim.terms
    if claim.is_backordered:
        if terms.moment < claim.decided_at + terms.backordered_for:
            return None
        return reasons.backordered_too_long([each.sku for each in lacks], terms.backordered_for.days)
    if may_wait(order, lacks, terms, queue):
        return beyond_limit(order, lacks, wanted_units(claim.missing), terms, queue)
    return _out_of_stock(claim, lacks, levels)


def _out_of_stock(claim: Claim, lacks: Sequence[Shortage], levels: Levels) -> str:
    unknown = [each.sku for each in lacks if not levels.knows(each.sku)]
    own = wanted_units([Line(None, row.sku, own_units(row)) for rows in claim.match.kept.values() for row in rows])
    shortages = [
        replace(each, wanted=each.wanted + units, available=each.available + units)
        for each in lacks
        for units in [0 if each.is_unsplit else own.get(each.sku, 0)]
    ]
    return reasons.out_of_stock(shortages, unknown)

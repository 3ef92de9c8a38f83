"""Whether an order may wait for units that no store gives. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inventory.decisions.rules import Shortage
from inventory.orders import reasons
from inventory.orders.facts import Order, Terms
from inventory.orders.queue import Queue


def may_wait(order: Order, shortages: Sequence[Shortage], terms: Terms, queue: Queue) -> bool:
    """Whether the policy of every SKU that the order lacks allows it; or did so when the order began to wait."""
    return all(each.sku in terms.most_backordered or queue.units_of(order, each.sku) for each in shortages)


def beyond_limit(
    order: Order, shortages: Sequence[Shortage], missing: Mapping[str, int], terms: Terms, queue: Queue
) -> str | None:
    """Why the order may not wait for as many units as it lacks; `missing` are all that it has not, by SKU."""
    for each in shortages:
        own = queue.units_of(order, each.sku)
        waiting, most = queue.unpromised_units(each.sku) - own, terms.most_backordered.get(each.sku, 0)
        wanted = missing.get(each.sku, each.wanted) - (0 if each.is_unsplit else each.available)
        if wanted > own and waiting + wanted > most:
            return reasons.too_many_backorders(each.sku, wanted, waiting, int(most))
    return None

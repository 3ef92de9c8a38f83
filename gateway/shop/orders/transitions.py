"""Which statuses can follow in an order: those that a command leads to now, by its shipments and its stock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from contracts.inventory.sourcing import SourcingStatus
from contracts.next_statuses import NEEDS_UNITS, SETTLED, next_statuses
from contracts.orders import NEXT_STATUSES
from contracts.orders import OrderStatus as StoredStatus
from gateway.fields.relations import Computed
from gateway.shop.orders.inputs import OrderStatus


def allowed_transitions(status: str, shipments: Collection[str], sourcing: str | None) -> list[OrderStatus]:
    """The statuses that can follow a stored status, by the statuses of the shipments and that of the sourcing."""
    following = next_statuses(status, shipments, is_short=sourcing == SourcingStatus.SHORT)
    return [OrderStatus(each.value) for each in following]


def _listed(statuses: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in sorted(statuses))


def _against(status: StoredStatus, following: StoredStatus) -> Iterator[str]:
    """The SQL of what stands against a status."""
    if following in SETTLED:
        yield (
            "EXISTS (SELECT 1 FROM shipment AS s WHERE s.order_id = {parent}.order_id AND NOT s.deleted"
            f" AND s.status NOT IN ({_listed(SETTLED[following])}))"
        )
    if (status, following) == NEEDS_UNITS:
        yield (
            "EXISTS (SELECT 1 FROM sourcing AS s WHERE s.order_id = {parent}.order_id AND NOT s.deleted"
            f" AND s.status = '{SourcingStatus.SHORT}')"
        )


def _name(status: StoredStatus, following: StoredStatus) -> str:
    name = f"'\"{OrderStatus(following.value).name}\"'"
    against = " OR ".join(_against(status, following))
    return f"CASE WHEN NOT ({against}) THEN {name} END" if against else name


def _json_of(status: StoredStatus) -> str:
    names = [_name(status, following) for following in NEXT_STATUSES[status]]
    return f"'[' || concat_ws(',', {', '.join(names)}) || ']'" if names else "'[]'"


_CASES = " ".join(f"WHEN '{status.value}' THEN {_json_of(status)}" for status in NEXT_STATUSES)

ALLOWED_TRANSITIONS = Computed(f"(CASE {{parent}}.status {_CASES} ELSE '[]' END)")
"""The same in SQL."""

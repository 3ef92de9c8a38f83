"""An order ends in the same status however the records of its shipments arrive, and never goes back."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.shipping import ShipmentRow, read_shipped_lines
from orders.fulfilment.rules import Shipment, reached, steps
from orders.statuses.life_cycle import Command, after
from tests.support.shop.shipment_rows import WAYS, a_shipment, on_its_way

ORDER, CHAI, CHANG = (UUID(int=number) for number in (1, 2, 3))
ORDERED = {CHAI: 5, CHANG: 1}
PARTS = ({CHAI: 3}, {CHAI: 2, CHANG: 1})
_RANKS = ("confirmed", "partially_shipped", "shipped", "delivered")


class Orders:
    """What `orders` knows: the newest record of each shipment, and the status."""

    def __init__(self) -> None:
        self.known: dict[UUID, ShipmentRow] = {}
        self.status = "confirmed"
        self.commands: list[Command] = []

    def take(self, row: ShipmentRow) -> None:
        if row.version <= (self.known[row.shipment_id].version if row.shipment_id in self.known else 0):
            return
        self.known[row.shipment_id] = row
        to = reached(ORDERED, [_counted(each) for each in self.known.values()])
        for command in steps(self.status, to) or ():
            self.status = after(self.status, command)
            self.commands.append(command)


def _counted(row: ShipmentRow) -> Shipment:
    return Shipment(row.status, {line.order_line_id: line.quantity for line in read_shipped_lines(row.lines)})


def final(rows: list[ShipmentRow]) -> str:
    orders = Orders()
    for row in rows:
        orders.take(row)
    return str(orders.status)


histories = st.tuples(st.sampled_from(WAYS), st.sampled_from(WAYS)).map(
    lambda ways: [
        row for way, part in zip(ways, PARTS, strict=True) for row in on_its_way(a_shipment(ORDER, part), *way)
    ]
)


@given(histories, st.data())
def test_shuffled_and_repeated_records_lead_to_the_same_status(rows: list[ShipmentRow], data: st.DataObject) -> None:
    arrival = data.draw(st.permutations([*rows, *data.draw(st.lists(st.sampled_from(rows), max_size=5))]))
    orders, ranks = Orders(), [0]

    for row in arrival:
        orders.take(row)
        ranks.append(_RANKS.index(orders.status))

    assert orders.status == final(rows)
    assert ranks == sorted(ranks)
    assert len({*orders.commands}) == len(orders.commands)


def test_every_arrival_of_two_shipments_leads_to_the_same_status() -> None:
    parts = [on_its_way(a_shipment(ORDER, part), "planned", "dispatched", "delivered") for part in PARTS]

    found = {final(list(arrival)) for arrival in permutations([*parts[0], *parts[1]])}

    assert found == {"delivered"}


def test_units_that_move_to_another_shipment_count_once() -> None:
    """A store did not have them: its shipment is cancelled, and another one is planned for the same units."""
    moved = on_its_way(a_shipment(ORDER, PARTS[0]), "planned", "cancelled")
    instead = on_its_way(a_shipment(ORDER, PARTS[0]), "planned", "dispatched")
    rest = on_its_way(a_shipment(ORDER, PARTS[1]), "planned", "dispatched")
    rows = [*moved, *instead, *rest]

    assert {final(list(arrival)) for arrival in permutations(rows)} == {"shipped"}

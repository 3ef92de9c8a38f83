"""The benchmark of shipping makes its shipments by the service's decisions, and its limits of the service's SQL."""

from __future__ import annotations

from functools import reduce
from typing import Any

import msgspec
import pytest

from benchmarks.shipping import folds, warehouse
from benchmarks.shipping.histories import COMMANDS, EVENTS, history, just_planned, shipment_id
from benchmarks.shipping.projecting import delivered
from benchmarks.shipping.recorded_commands import packets_of
from benchmarks.shipping.recorder import Packet
from chassis.databases.mysql_times import aware
from contracts.shipping import SHIPMENT, ShipmentStatus, read_parcels, read_shipped_lines
from shipping.columns import values
from shipping.shipments.events import CODEC
from shipping.shipments.folding import apply, fold
from shipping.shipments.repository import COLUMNS, Stored


def test_the_history_of_a_shipment_leads_to_its_recipient() -> None:
    events = history(7)

    state = fold(shipment_id(7), events)

    assert state is not None
    assert (state.version, state.status, state.attempts) == (EVENTS, ShipmentStatus.DELIVERED, 1)
    assert len({type(each) for each in events}) == EVENTS, "all are of different types"
    assert events == sorted(events, key=lambda each: each.at)


def test_ids_and_times_have_the_order_of_the_numbers() -> None:
    shipments = [just_planned(number) for number in (0, 1, 9, 10, 4096)]

    assert shipments == sorted(shipments, key=lambda each: str(each.shipment_id))
    assert shipments == sorted(shipments, key=lambda each: each.planned_at)
    assert len({each.order_id for each in shipments}) == len(shipments)


def test_the_statuses_that_clients_expect_are_those_of_the_commands() -> None:
    state, statuses = just_planned(7), list[str]()
    for command in COMMANDS:
        state = reduce(apply, command.decide(state, state.planned_at), state)
        statuses.append(state.status.value)

    assert statuses == list(warehouse.STATUSES)


def test_the_record_of_a_shipment_is_read_as_its_row() -> None:
    row = delivered(7)

    read = SHIPMENT.decoder()(msgspec.json.Encoder(decimal_format="string").encode(row))

    assert read == row
    assert len(read_shipped_lines(read.lines)) == 3
    assert all(each.tracking_number for each in read_parcels(read.parcels))


async def test_a_command_is_sent_in_the_packets_of_the_service() -> None:
    commands = [packets async for packets in packets_of(7)]

    assert len(commands) == len(COMMANDS)
    assert [len(packets) for packets in commands] == [3, 4, 3, 4, 3], "a dispatch reads the sourcing, too"
    assert {tuple(map(_verb, packets[0])) for packets in commands} == {("BEGIN", "SELECT")}
    assert {tuple(map(_verb, packets[-1])) for packets in commands} == {("INSERT", "UPDATE", "INSERT", "COMMIT")}
    assert all("FOR UPDATE" in packets[0][1][0] for packets in commands)
    assert [_event(packets) for packets in commands] == [
        (2, "ShipmentPacked"), (3, "ShipmentDispatched"), (4, "DeliveryFailed"), (5, "DeliveryRetried"),
        (6, "ShipmentDelivered"),
    ]  # fmt: skip


async def test_recorded_events_lead_to_the_recorded_rows() -> None:
    state = just_planned(7)
    async for packets in packets_of(7):
        (_, inserted), (_, written), *_ = packets[-1]
        state = apply(state, CODEC.decode(*inserted[3:6]))
        found = dict(zip(COLUMNS, written[:-1], strict=True))
        row = Stored(state).row(aware(found["updated_at"]))
        assert found == dict(zip(COLUMNS, values(row), strict=True))
    assert state.status is ShipmentStatus.DELIVERED


def test_stored_events_are_decoded_and_folded() -> None:
    stored = [(shipment_id(number), folds.columns_of(history(number))) for number in (7, 8)]

    found = folds.folded(stored, seconds=0.001)

    assert found.events % (2 * EVENTS) == 0
    assert found.state["id"] == str(shipment_id(8))
    assert found.state["status"] == "delivered"
    assert found.state["units"] == {"BENCH-0009": 1, "BENCH-0010": 2, "BENCH-0011": 3}


@pytest.mark.parametrize("position", range(EVENTS))
def test_the_peer_gets_every_event_as_it_is_stored(position: int) -> None:
    columns = folds.columns_of(history(7))[position]

    assert CODEC.decode(columns["type"], columns["type_version"], columns["data"]) == history(7)[position]


def _verb(statement: tuple[str, Any]) -> str:
    return statement[0].split()[0]


def _event(packets: list[Packet]) -> tuple[int, str]:
    """The sequence and the type of the event that a command inserts."""
    _, values = packets[-1][0]
    return values[1], values[3]

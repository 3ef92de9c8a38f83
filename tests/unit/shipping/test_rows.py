"""The row of a shipment is what its events lead to, with the personal data that is in none."""

from __future__ import annotations

import msgspec
import pytest

from contracts.json_text import normalize_json_text
from contracts.shipping import SHIPMENT, ShipmentRow, ShipmentStatus, read_parcels
from shipping.shipments.decisions.delivering import erase
from shipping.shipments.decisions.packing import give_tracking_number
from shipping.shipments.decisions.tracking import record_tracking
from shipping.shipments.rows import NOTHING_PERSONAL, Personal, personal_after, personal_of, row_of
from tests.support.shipments import a_shipment, after, reported
from tests.support.shop.rows import NOON

PERSONAL = Personal(tracking_numbers={"1": "JD014"}, received_by="Maria Anders")


@pytest.mark.parametrize("status", list(ShipmentStatus))
def test_json_columns_are_texts_that_every_database_writes_alike(status: ShipmentStatus) -> None:
    shipment = after(a_shipment(status, 3, 2, parcels=2))
    if shipment.parcels:
        shipment = after(shipment, record_tracking(shipment, reported("é", "in_transit", 1, "1", "Lima")))

    row = row_of(shipment, PERSONAL, NOON)

    for text in (row.lines, row.parcels, row.tracking):
        assert normalize_json_text(text) == text
    assert row.version == shipment.version
    sent = {
        **{name: value for name, value in msgspec.to_builtins(row).items() if not name.startswith("__")},
    }
    assert SHIPMENT.decoder()(msgspec.json.encode(sent)) == row


def test_personal_data_goes_from_row_to_row_until_it_is_erased() -> None:
    shipment = a_shipment(ShipmentStatus.PACKED, parcels=2)
    numbered = give_tracking_number(shipment, "1", "dhl", NOON)
    row: ShipmentRow = row_of(after(shipment, numbered), PERSONAL, NOON)

    assert [each.tracking_number for each in read_parcels(row.parcels)] == ["JD014", None]
    assert personal_of(row.parcels, row.received_by) == PERSONAL
    assert personal_after(PERSONAL, numbered) == PERSONAL
    assert personal_after(PERSONAL, [*numbered, *erase(shipment, NOON)]) == NOTHING_PERSONAL


def test_the_row_has_the_newest_reports_only() -> None:
    shipment = a_shipment(ShipmentStatus.DISPATCHED)
    for minute in range(60):
        shipment = after(shipment, record_tracking(shipment, reported(f"{minute}", "in_transit", minute)))

    row = row_of(shipment, NOTHING_PERSONAL, NOON)

    assert [each["event_id"] for each in msgspec.json.decode(row.tracking)] == [str(each) for each in range(10, 60)]


def test_a_deleted_row_has_no_parcels_and_no_recipient() -> None:
    row = row_of(a_shipment(ShipmentStatus.PACKED), PERSONAL, NOON)
    columns = msgspec.to_builtins(row)

    deleted = SHIPMENT.decoder()(msgspec.json.encode({**columns, "__deleted": "true"}))

    assert (deleted.parcels, deleted.received_by, deleted.newest_version) == ("[]", None, row.version + 1)

"""Events as they are stored: every version that was ever written can be read, and none tells of a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from shipping.days import events as days
from shipping.days.folding import apply as apply_to_day
from shipping.events.codec import BrokenStream, Codec, UnknownEvent, encode
from shipping.events.event import Event
from shipping.events.upcasts import UPCASTS
from shipping.shipments.events import CODEC, RecipientErased, ShipmentDelivered, ShipmentPlanned
from shipping.shipments.folding import apply, fold
from shipping.shipments.values import TrackingCode
from tests.support.delivery_days import a_day
from tests.support.event_fields import PERSONAL, fields_of
from tests.support.shipments import a_shipment
from tests.support.shop.rows import NOON

EXAMPLES = sorted((Path(__file__).parents[3] / "contracts" / "examples" / "shipping_event_data").glob("*.json"))
NOT_PERSONAL = {"line_number"}
CODECS: list[Codec[Any]] = [CODEC, days.CODEC]
TYPES: dict[str, type[Event]] = {name: kind for codec in CODECS for name, kind in codec.types.items()}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_of_any_version_folds(file: Path) -> None:
    kind, version = file.stem.split(".")
    [codec] = [each for each in CODECS if kind in each.types]

    event = codec.decode(kind, int(version), file.read_text())

    if isinstance(event, ShipmentPlanned):
        state = fold(uuid4(), [event])
        assert state is not None
        assert (state.version, state.location, state.lines[0].quantity) == (1, "lima", 3)
    elif isinstance(event, days.DayEvent):
        assert apply_to_day(a_day(), event).version == 2
    else:
        before = a_shipment()
        assert apply(before, event).version == before.version + 1
    assert codec.decode(*encode(event)) == event


def test_every_version_of_every_type_has_an_example() -> None:
    names = {file.stem for file in EXAMPLES}

    assert names == {f"{name}.{version}" for name, kind in TYPES.items() for version in range(1, kind.VERSION + 1)}
    assert UPCASTS.keys() == {(name, version) for name, kind in TYPES.items() for version in range(1, kind.VERSION)}, (
        "each old version has its step"
    )


def test_the_newest_example_of_a_type_has_all_of_its_fields() -> None:
    for name, kind in TYPES.items():
        [file] = [each for each in EXAMPLES if each.stem == f"{name}.{kind.VERSION}"]
        assert set(msgspec.json.decode(file.read_bytes())) == set(kind.__struct_fields__)


def test_the_depot_of_version_1_is_the_location() -> None:
    old, new = (
        CODEC.decode("ShipmentPlanned", version, file.read_text())
        for version, file in enumerate((each for each in EXAMPLES if each.stem.startswith("ShipmentPlanned.")), 1)
    )

    assert old == new


@pytest.mark.parametrize(("kind", "version"), [("VanWashed", 1), ("ShipmentPlanned", 3), ("ShipmentPlanned", 0)])
def test_an_unknown_event_is_named(kind: str, version: int) -> None:
    with pytest.raises(UnknownEvent, match=f"{kind} of version {version}"):
        CODEC.decode(kind, version, "{}")


def test_invalid_data_is_an_error() -> None:
    with pytest.raises(msgspec.MsgspecError):
        CODEC.decode("DeliveryFailed", 1, '{"at": "2026-11-23T12:00:00Z"}')


def test_a_stream_that_lacks_its_beginning_is_an_error() -> None:
    with pytest.raises(BrokenStream, match="ShipmentDelivered"):
        fold(uuid4(), [ShipmentDelivered(at=NOON)])


def test_no_events_are_no_shipment() -> None:
    assert fold(uuid4(), []) is None


def test_no_field_of_an_event_is_about_a_person() -> None:
    found = {name for kind in TYPES.values() for name in fields_of(msgspec.json.schema(kind))} - NOT_PERSONAL

    assert [name for name in found if any(word in name for word in PERSONAL)] == []
    assert {"parcel_id", "event_id", "quantity"} <= found


def test_a_code_of_a_later_version_is_other() -> None:
    assert TrackingCode("held_at_customs") is TrackingCode.OTHER


def test_erasure_leaves_all_but_its_moment() -> None:
    before = a_shipment()

    after = apply(before, RecipientErased(at=NOON))

    assert msgspec.structs.replace(after, erased_at=None, version=before.version) == before

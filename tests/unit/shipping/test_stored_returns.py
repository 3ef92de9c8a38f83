"""Events and rows of returns as they are stored: every version can be read, and none tells of a person."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from contracts.json_text import normalize_json_text
from contracts.order_returns import ORDER_RETURN, ReturnStatus
from shipping.events.codec import BrokenStream, UnknownEvent, encode
from shipping.returns.events import CODEC, Refunded, ReturnRequested
from shipping.returns.folding import apply, fold
from shipping.returns.rows import row_of
from tests.support.event_fields import PERSONAL, fields_of
from tests.support.returns import a_return
from tests.support.shop.rows import NOON

EXAMPLES = sorted((Path(__file__).parents[3] / "contracts" / "examples" / "return_event_data").glob("*.json"))
NOT_PERSONAL = {"line_number", "rma_number"}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_of_any_version_folds(file: Path) -> None:
    kind, version = file.stem.split(".")

    event = CODEC.decode(kind, int(version), file.read_text())

    if isinstance(event, ReturnRequested):
        state = fold(uuid4(), [event])
        assert state is not None
        assert (state.version, state.status, state.lines[0].quantity) == (1, ReturnStatus.REQUESTED, 2)
    else:
        before = a_return(ReturnStatus.RECEIVED)
        assert apply(before, event).version == before.version + 1
    assert CODEC.decode(*encode(event)) == event


def test_every_version_of_every_type_has_an_example_with_all_of_its_fields() -> None:
    assert {file.stem for file in EXAMPLES} == {
        f"{name}.{version}" for name, kind in CODEC.types.items() for version in range(1, kind.VERSION + 1)
    }
    for name, kind in CODEC.types.items():
        [file] = [each for each in EXAMPLES if each.stem == f"{name}.{kind.VERSION}"]
        assert set(msgspec.json.decode(file.read_bytes())) == set(kind.__struct_fields__)


def test_an_unknown_event_is_named_and_a_missing_beginning_is_an_error() -> None:
    with pytest.raises(UnknownEvent, match="ShipmentPacked of version 1"):
        CODEC.decode("ShipmentPacked", 1, "{}")
    with pytest.raises(BrokenStream, match="Refunded"):
        fold(uuid4(), [Refunded(reference="re_1", at=NOON)])
    assert fold(uuid4(), []) is None


def test_no_field_of_an_event_is_about_a_person() -> None:
    found = {name for kind in CODEC.types.values() for name in fields_of(msgspec.json.schema(kind))} - NOT_PERSONAL

    assert [name for name in found if any(word in name for word in PERSONAL)] == []
    assert {"order_id", "sellable", "amount"} <= found


@pytest.mark.parametrize("status", list(ReturnStatus))
def test_the_row_is_read_from_the_topic_as_it_was_written(status: ReturnStatus) -> None:
    state = a_return(status)

    row = row_of(state, NOON, raised=2)

    assert normalize_json_text(row.lines) == row.lines
    assert (row.version, row.status) == (state.version + 2, status)
    sent = {name: value for name, value in msgspec.to_builtins(row).items() if not name.startswith("__")}
    assert ORDER_RETURN.decoder()(msgspec.json.encode(sent)) == row

"""Events of every version that was ever written are folded from the database, and commands go on from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from contracts.shipping import ShipmentRow
from shipping.days import events as days
from shipping.events.codec import UnknownEvent
from shipping.shipments.events import CODEC, ShipmentPlanned
from tests.integration.shipping.test_commands import do, read
from tests.integration.shipping.test_returns import delivered, opened, step
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.shipping import Shipping, a_graph, changed
from tests.support.shipping_days import DATE, day, open_depot, plan

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples" / "shipping_event_data"
OF_PLANNING = sorted(EXAMPLES.glob("ShipmentPlanned.*.json"))
TEXTS = {file: file.read_text() for file in EXAMPLES.glob("*.json")}
OF_RETURNS = sorted((EXAMPLES.parent / "return_event_data").glob("*.json"))
RETURN_TEXTS = {file: file.read_text() for file in OF_RETURNS}
OTHERS = sorted(file for file in TEXTS if file not in OF_PLANNING and file.name.split(".")[0] in CODEC.types)
OF_DAYS = sorted(file for file in TEXTS if file.name.split(".")[0] in days.CODEC.types)


async def planned(shipping: Shipping) -> ShipmentRow:
    order = a_graph(("A", 3))
    await shipping.order(order)
    [row] = await shipping.shipments(order)
    return row


async def replace_event(stream: str, sequence: int, file: Path, text: str) -> None:
    """Put an event of a file in the place of another one."""
    name, version, _ = file.name.split(".")
    data = msgspec.json.encode(msgspec.json.decode(text)).decode()
    await by_hand("shipping", "DELETE FROM shipping_event WHERE stream_id = %s AND sequence = %s", [stream, sequence])
    columns: list[Any] = [stream, sequence, str(uuid4()), name, version, data]
    sql = (
        "INSERT INTO shipping_event (stream_id, sequence, event_id, type, type_version, data, happened_at, recorded_at,"
        " version) VALUES (%s, %s, %s, %s, %s, %s, now(6), now(6), 1)"
    )
    await by_hand("shipping", sql, columns)


@pytest.mark.parametrize("file", OF_PLANNING, ids=lambda file: file.name)
async def test_a_command_goes_on_from_a_planning_of_any_version(
    shipping: Shipping, http: httpx.AsyncClient, file: Path
) -> None:
    row = await planned(shipping)
    await replace_event(f"shipment:{row.shipment_id}", 1, file, TEXTS[file])

    packed = await do(http, {"id": str(row.shipment_id)}, "pack", {"parcels": [{}]})

    event = CODEC.decode("ShipmentPlanned", int(file.name.split(".")[1]), TEXTS[file])
    assert isinstance(event, ShipmentPlanned)
    assert (packed["location"], packed["version"]) == (event.location, 2)
    events = (await http.get(f"/shipments/{row.shipment_id}/events")).json()["items"]
    assert events[0]["data"]["location"] == event.location


@pytest.mark.parametrize("file", OTHERS, ids=lambda file: file.name)
async def test_each_other_event_is_folded_as_it_was_stored(
    shipping: Shipping, http: httpx.AsyncClient, file: Path
) -> None:
    row = await planned(shipping)
    await do(http, {"id": str(row.shipment_id)}, "pack", {"parcels": [{}]})
    await replace_event(f"shipment:{row.shipment_id}", 2, file, TEXTS[file])

    assert (await read(http, str(row.shipment_id), version=2))["version"] == 2


@pytest.mark.parametrize("file", OF_RETURNS, ids=lambda file: file.name)
async def test_a_command_on_a_return_goes_on_from_events_of_any_version(
    shipping: Shipping, http: httpx.AsyncClient, file: Path
) -> None:
    it = await opened(http, await delivered(shipping, http, ("A", 3)), 2)
    await step(http, it["id"], "authorise")
    await replace_event(
        f"return:{it['id']}", 1 if file.name.startswith("ReturnRequested") else 2, file, RETURN_TEXTS[file]
    )

    answer = await http.post(f"/returns/{it['id']}/cancel", json={"reason": "kept"})
    events = (await http.get(f"/returns/{it['id']}/events")).json()["items"]

    assert answer.status_code in (200, 409), answer.text
    assert file.name.split(".")[0] in [each["type"] for each in events]
    assert (await http.get(f"/returns/{it['id']}", params={"version": 2})).json()["version"] == 2


@pytest.mark.parametrize("file", OF_DAYS, ids=lambda file: file.name)
async def test_each_event_of_a_day_is_folded_as_it_was_stored(
    shipping: Shipping, http: httpx.AsyncClient, file: Path
) -> None:
    await open_depot(http)
    await plan(http, {"id": str((await planned(shipping)).shipment_id)}, "a", 9, 11)
    await replace_event(f"day:main:{DATE}", 2, file, TEXTS[file])
    await by_hand("shipping", "UPDATE delivery_day SET state = NULL")

    assert (await day(http, version=2))["version"] == (await day(http))["version"] == 2


async def test_an_unknown_event_is_not_skipped(shipping: Shipping) -> None:
    order = a_graph(("A", 3))
    await shipping.order(order)
    await by_hand("shipping", "UPDATE shipping_event SET type = 'ShipmentTeleported', version = version + 1")

    with pytest.raises(UnknownEvent, match="ShipmentTeleported"):
        await shipping.order(changed(order, status="cancelled"))

    [found] = await rows_by_hand("shipping", "SELECT status FROM shipment")
    assert found["status"] == "planned"

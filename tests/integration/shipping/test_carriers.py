"""What carriers report: signed, repeated, late, before its parcel is known, and interrupted."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from itertools import permutations
from time import time
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from chassis.databases.mysql import Connection
from shipping import settings
from shipping.carriers import messages, recording
from shipping.carriers.messages import Message
from shipping.carriers.signatures import read_secrets, sign
from tests.integration.shipping.test_commands import do, planned, read, track
from tests.support.crashes import Crashes
from tests.support.shipping import Shipping

SECRET = b"0123456789abcdef0123456789abcdef"
NEXT_SECRET = b"fedcba9876543210fedcba9876543210"

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (f"dhl=whsec_{b64encode(each).decode()}" for each in (SECRET, NEXT_SECRET))
    monkeypatch.setattr(settings, "CARRIER_SECRETS", read_secrets(",".join(texts)))


def event(number: str, code: str, minute: int, **changes: Any) -> Json:
    at = f"2026-11-25T10:{minute:02}:00Z"
    return {"eventId": f"{number}-{minute}", "trackingNumber": number, "code": code, "at": at, **changes}


async def report(
    http: httpx.AsyncClient, body: Json, *, secret: bytes = SECRET, age_s: int = 0, carrier: str = "dhl"
) -> httpx.Response:
    content, sent_at = msgspec.json.encode(body), int(time()) - age_s
    headers = {
        "Content-Type": "application/json",
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(sent_at),
        "Webhook-Signature": f"v1,bm9uZQ== {sign(secret, 'msg_1', sent_at, content)}",
    }
    return await http.post(f"/carriers/{carrier}/events", content=content, headers=headers)


async def packed(shipping: Shipping, http: httpx.AsyncClient, *numbers: str) -> Json:
    """A shipment with a parcel for each tracking number."""
    shipment = await planned(shipping, http)
    await do(http, shipment, "pack", {"parcels": [{}] * max(1, len(numbers))})
    for parcel, number in enumerate(numbers, 1):
        assert (await track(http, shipment, str(parcel), number)).status_code == 200
    return shipment


async def test_a_carrier_moves_a_shipment_forward(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1")

    answers = [
        await report(http, event("N1", "in_transit", 1, city="Leipzig", country="de")),
        await report(http, event("N1", "customs", 2), secret=NEXT_SECRET),
        await report(http, event("N1", "delivered", 3)),
        await report(http, event("N1", "delivered", 3)),
    ]

    assert [each.json()["result"] for each in answers] == ["recorded", "recorded", "recorded", "repeated"]
    found = await read(http, shipment["id"])
    assert (found["status"], found["dispatchedAt"]) == ("delivered", found["packedAt"])  # not before it
    assert [(each["code"], each["parcelId"]) for each in found["tracking"]] == [
        ("in_transit", "1"), ("other", "1"), ("delivered", "1"),
    ]  # fmt: skip
    assert (found["tracking"][0]["city"], found["tracking"][0]["country"]) == ("Leipzig", "DE")


async def test_only_a_signed_message_of_now_is_taken(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1")
    body = event("N1", "delivered", 1)

    answers = [
        await report(http, body, secret=b"another secret of someone"),
        await report(http, body, age_s=301),
        await report(http, body, age_s=-301),
        await report(http, body, carrier="ups"),
        await http.post("/carriers/dhl/events", json=body),
    ]

    assert [each.status_code for each in answers] == [401, 401, 401, 404, 401]
    assert (await read(http, shipment["id"]))["status"] == "packed"


@pytest.mark.parametrize("arrival", list(permutations([1, 2, 3, 4])))
async def test_reports_lead_to_the_same_in_any_order(
    shipping: Shipping, http: httpx.AsyncClient, arrival: tuple[int, ...]
) -> None:
    codes = {1: "picked_up", 2: "in_transit", 3: "out_for_delivery", 4: "delivered"}
    shipment = await packed(shipping, http, "N1")

    for minute in (*arrival, *arrival):
        await report(http, event("N1", codes[minute], minute))

    found = await read(http, shipment["id"])
    assert found["status"] == "delivered"
    assert [each["code"] for each in found["tracking"]] == list(codes.values())


async def test_a_report_of_the_future_is_refused(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1")

    answer = await report(http, event("N1", "delivered", 1, at="2099-01-01T00:00:00Z"))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/at")
    assert (await read(http, shipment["id"]))["status"] == "packed"


async def test_reports_wait_for_their_parcel(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http)

    early = [await report(http, event("N1", code, minute)) for minute, code in [(2, "delivered"), (1, "in_transit")]]
    answer = (await track(http, shipment, "1", "N1")).json()

    assert [each.json()["result"] for each in early] == ["waiting"] * 2
    assert (answer["status"], answer["dispatchedAt"]) == ("delivered", answer["packedAt"])
    assert answer == await read(http, shipment["id"])


async def test_a_shipment_is_delivered_with_its_last_parcel(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1", "N2")

    await report(http, event("N1", "delivered", 1))
    between = await read(http, shipment["id"])
    await report(http, event("N2", "delivered", 2))

    assert (between["status"], (await read(http, shipment["id"]))["status"]) == ("dispatched", "delivered")


async def test_a_late_report_does_not_bring_a_cancelled_shipment_back(
    shipping: Shipping, http: httpx.AsyncClient
) -> None:
    shipment = await packed(shipping, http, "N1")
    await do(http, shipment, "cancel", {"reason": "damaged"})

    await report(http, event("N1", "in_transit", 1))

    found = await read(http, shipment["id"])
    assert (found["status"], len(found["tracking"])) == ("cancelled", 1)


@pytest.mark.parametrize("when_sent", [False, True])
async def test_a_report_is_recorded_once_wherever_a_process_ends(
    shipping: Shipping, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, when_sent: bool
) -> None:
    shipment = await packed(shipping, http, "N1")
    crashes = Crashes(monkeypatch, when_sent=when_sent)
    message = Message("dhl", "e1", "N1", "delivered", None, None, shipping.clock())

    async def check() -> None:
        assert (await read(http, shipment["id"]))["version"] in (3, 6)

    times = await crashes.each(lambda: recording.receive(shipping.database, message, shipping.clock), check)

    assert times >= 4
    assert (await read(http, shipment["id"]))["version"] == 6


async def test_the_sweep_records_what_was_kept_and_forgets_what_is_old(
    shipping: Shipping, http: httpx.AsyncClient
) -> None:
    shipment = await packed(shipping, http, "N1")
    async with shipping.database.reading() as connection:
        for number in ("N1", "N-unknown"):
            kept = Message("dhl", number, number, "in_transit", None, None, shipping.clock())
            assert await messages.insert(connection, kept, shipping.clock())

    assert await recording.sweep(shipping.database, shipping.clock) == 0
    assert (await read(http, shipment["id"]))["status"] == "dispatched"
    shipping.clock.advance(31 * 24 * 3600)
    assert await recording.sweep(shipping.database, shipping.clock) == 1


async def kept(shipping: Shipping, table: str = "carrier_message") -> list[Json]:
    async with shipping.database.reading() as connection:
        return await connection.fetch_all(f"SELECT * FROM {table}")


async def test_what_waits_for_an_erased_parcel_is_dropped(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1")
    async with shipping.database.reading() as connection:
        for number in ("N1", "N2"):
            waiting = Message("dhl", number, number, "in_transit", None, None, shipping.clock())
            assert await messages.insert(connection, waiting, shipping.clock())

    await shipping.delete_customer(UUID(shipment["customerId"]))

    assert [row["tracking_number"] for row in await kept(shipping)] == ["N2"]
    assert await kept(shipping, "tracking_number") == []
    assert "N1" not in str(await kept(shipping, "forgotten_number"))


async def test_what_is_reported_of_an_erased_parcel_is_not_kept(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1")
    await shipping.delete_customer(UUID(shipment["customerId"]))

    answers = [await report(http, event(number, "delivered", 1)) for number in ("N1", "N1", "N2")]

    assert [each.json()["result"] for each in answers] == ["forgotten", "forgotten", "waiting"]
    assert [row["tracking_number"] for row in await kept(shipping)] == ["N2"]


async def test_a_report_that_is_kept_while_its_customer_is_erased_is_dropped(
    shipping: Shipping, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipment = await packed(shipping, http, "N1")
    insert, message = messages.insert, Message("dhl", "e1", "N1", "delivered", None, None, shipping.clock())

    async def insert_late(connection: Connection, message: Message, moment: datetime) -> bool:
        await shipping.delete_customer(UUID(shipment["customerId"]))
        return await insert(connection, message, moment)

    monkeypatch.setattr(messages, "insert", insert_late)
    result = await recording.receive(shipping.database, message, shipping.clock)

    assert (result, await kept(shipping)) == ("forgotten", [])


async def test_the_sweep_drops_a_report_that_a_process_left_behind(shipping: Shipping, http: httpx.AsyncClient) -> None:
    shipment = await packed(shipping, http, "N1")
    await shipping.delete_customer(UUID(shipment["customerId"]))
    async with shipping.database.reading() as connection:
        left = Message("dhl", "e1", "N1", "in_transit", None, None, shipping.clock())
        assert await messages.insert(connection, left, shipping.clock())

    await recording.sweep(shipping.database, shipping.clock)
    dropped = await kept(shipping)
    shipping.clock.advance(366 * 24 * 3600)
    await recording.sweep(shipping.database, shipping.clock)

    assert (dropped, await kept(shipping, "forgotten_number")) == ([], [])


async def test_a_number_that_another_parcel_gets_is_recorded(shipping: Shipping, http: httpx.AsyncClient) -> None:
    erased = await packed(shipping, http, "N1")
    await shipping.delete_customer(UUID(erased["customerId"]))
    shipment = await packed(shipping, http, "N1")

    answer = await report(http, event("N1", "delivered", 1))

    assert answer.json()["result"] == "recorded"
    assert (await read(http, shipment["id"]))["status"] == "delivered"

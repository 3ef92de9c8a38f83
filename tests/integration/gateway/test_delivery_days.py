"""What GraphQL says of delivery days: the depot, and the shipments with a window on the day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel, Row

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
DAY = """query ($depot: ID!, $date: String!) { deliveryDay(depot: $depot, date: $date) {
  depot date zone opens closes parallelDeliveries vans
  deliveries { id status window { depot day from to zone van } }
} }"""


def window(van: str, hours: int, day: str = "2026-02-02", depot: str = "main") -> Row:
    begin = NOON + timedelta(hours=hours)
    times = {"window_from": begin, "window_to": begin + timedelta(hours=1)}
    return {"depot": depot, "delivery_date": day, "van": van, "window_zone": "Europe/Berlin", **times}


@pytest.fixture
async def shipments(read_model: ReadModel) -> list[UUID]:
    """Three shipments on a day of the depot `main`, the last one first, and others that are not."""
    await read_model.depots({"depot": "main"}, {"depot": "gone", "deleted": True})
    return await read_model.shipments(
        window("b", 3),
        window("b", 0) | {"status": "delivered"},
        window("a", 0),
        window("a", 24, "2026-02-03"),
        window("a", 0, depot="lima"),
        window("c", 0) | {"deleted": True},
        {},
    )


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_a_delivery_day_is_shown_whole(client: httpx.AsyncClient, shipments: list[UUID]) -> None:
    found = (await ask(client, DAY, depot="main", date="2026-02-02"))["deliveryDay"]

    deliveries = found.pop("deliveries")
    assert found == {
        "depot": "main",
        "date": "2026-02-02",
        "zone": "Europe/Berlin",
        "opens": "08:00",
        "closes": "18:00",
        "parallelDeliveries": 3,
        "vans": ["a", "b"],
    }
    assert [each["id"] for each in deliveries] == [str(shipments[number]) for number in (2, 1, 0)]
    assert [each["status"] for each in deliveries] == ["PLANNED", "DELIVERED", "PLANNED"]
    assert deliveries[0]["window"] == {
        "depot": "main",
        "day": "2026-02-02",
        "from": "2026-02-02T12:00:00Z",
        "to": "2026-02-02T13:00:00Z",
        "zone": "Europe/Berlin",
        "van": "a",
    }


@pytest.mark.parametrize(("depot", "date", "ids"), [("main", "2026-02-04", []), ("gone", "2026-02-02", None)])
async def test_other_days_and_depots_have_nothing(
    client: httpx.AsyncClient, shipments: list[UUID], depot: str, date: str, ids: list[str] | None
) -> None:
    found = (await ask(client, DAY, depot=depot, date=date))["deliveryDay"]

    assert (found and found["deliveries"]) == ids


@pytest.mark.parametrize("date", ["2026-02-30", "20260202", "tomorrow", ""])
async def test_a_malformed_day_is_refused(client: httpx.AsyncClient, date: str) -> None:
    answer = await client.post("/graphql", json={"query": DAY, "variables": {"depot": "main", "date": date}})

    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "A day must be as in ISO 8601, such as 2026-02-02."


async def test_a_shipment_that_no_van_brings_has_no_window(client: httpx.AsyncClient, shipments: list[UUID]) -> None:
    query = "query ($id: ID!) { shipment(id: $id) { window { van } } }"

    found = [(await ask(client, query, id=str(shipments[number])))["shipment"]["window"] for number in (0, 6)]

    assert found == [{"van": "b"}, None]


@pytest.mark.parametrize(("version", "status"), [(3, 200), (4, 503)])
async def test_a_token_waits_for_the_version_of_a_depot(
    client: httpx.AsyncClient, read_model: ReadModel, version: int, status: int
) -> None:
    await read_model.depots({"depot": "berlin-2", "version": 3})
    headers = {"Consistency-Token": f"depot:berlin-2:{version}", "Consistency-Timeout-Ms": "300"}

    answer = await client.post("/graphql", json={"query": "{ orders { nodes { id } } }"}, headers=headers)

    assert answer.status_code == status


async def test_a_day_reads_only_its_shipments(
    client: httpx.AsyncClient, read_model: ReadModel, shipments: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many_shipments()

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, DAY, depot="main", date="2026-02-02")
    read = await reading(statements)

    assert read.scanned == set()
    assert "shipment_by_delivery_day" in read.indexes
    assert read.rows <= 20, read

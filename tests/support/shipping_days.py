"""A depot and its days over REST, as integration tests use them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

Json = dict[str, Any]

DEPOT: Json = {
    "name": "Main",
    "zone": "Europe/Berlin",
    "opens": "00:00",
    "closes": "24:00",
    "parallelDeliveries": 3,
    "vans": ["a", "b", "c", "d"],
}
"""At `main`, from where orders are shipped that inventory does not source."""

DATE: date = (datetime.now(UTC) + timedelta(days=2)).date()
"""A day that has not begun anywhere."""

DAY = f"/delivery-days/main/{DATE}"


def at(hour: float) -> str:
    """A time of the day, in UTC."""
    moment = datetime.combine(DATE, datetime.min.time(), UTC) + timedelta(hours=hour)
    return moment.isoformat().replace("+00:00", "Z")


async def open_depot(http: httpx.AsyncClient, **changes: Any) -> Json:
    """Set the depot `main`."""
    answer = await http.put("/depots/main", json={**DEPOT, **changes}, headers={"If-Match": "*"} if changes else {})
    assert answer.status_code in (200, 201), answer.text
    found: Json = answer.json()
    return found


async def plan(http: httpx.AsyncClient, shipment: Json, van: str, begin: float, end: float) -> httpx.Response:
    """Plan the delivery of a shipment."""
    body = {"shipmentId": shipment["id"], "van": van, "from": at(begin), "to": at(end)}
    return await http.post(f"{DAY}/deliveries", json=body)


async def run(http: httpx.AsyncClient, shipment: Json, command: str, body: Json | None = None) -> Json:
    """Start, finish or fail a delivery."""
    answer = await http.post(f"{DAY}/deliveries/{shipment['id']}/{command}", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def day(http: httpx.AsyncClient, **query: Any) -> Json:
    """The day."""
    answer = await http.get(DAY, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def rules(answer: httpx.Response) -> list[str]:
    """The rules that a command breaks."""
    assert answer.status_code == 409, answer.text
    return [each["rule"] for each in answer.json()["errors"]]

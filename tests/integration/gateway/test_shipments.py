"""What GraphQL says of shipments: whole, by order, customer, status and location, and what they make of an order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.orders import DeliveryAddress
from gateway.api import app
from tests.support.apps import running
from tests.support.gateway.plans import reading, recorded
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel, Row

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ORDER, CUSTOMER, HOME, LINE = uuid4(), uuid4(), uuid4(), uuid4()
UNITS = [{"sku": "CHAI", "quantity": 2, "line_number": 1, "order_line_id": str(LINE)}]
PARCELS = [{"weight": "1.250", "carrier": "dhl", "parcel_id": "1", "tracking_number": "JD014600003"}]
REPORTS = [
    {"at": f"2026-01-31T1{hour}:00:00Z", "city": None, "code": "in_transit", "country": "DE", "event_id": f"dhl-{hour}"}
    for hour in range(5)
]
PAGE = """
query ($filter: ShipmentFilter, $sort: ShipmentSort, $after: String) {
  shipments(filter: $filter, sort: $sort, first: 3, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } totalCount
  }
}
"""


@pytest.fixture
async def shipments(read_model: ReadModel) -> list[UUID]:
    """Five shipments, the oldest first, and one that was deleted."""
    of_order = {"order_id": ORDER, "customer_id": CUSTOMER}
    rows: list[Row] = [
        {**of_order, "status": "delivered", "lines": UNITS},
        {**of_order, "status": "planned", "location": "main", "lines": UNITS},
        {"customer_id": CUSTOMER, "status": "failed", "reason": "recipient-absent"},
        {"status": "planned"},
        {"status": "of a later version", "location": "lima"},
        {**of_order, "status": "delivered", "deleted": True},
    ]
    times = [{"planned_at": NOON + timedelta(seconds=number)} for number in range(len(rows))]
    return await read_model.shipments(*(row | time for row, time in zip(rows, times, strict=True)))


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_a_shipment_is_shown_whole(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    address: Row = dict.fromkeys(DeliveryAddress.__struct_fields__)
    address |= {"address_id": str(HOME), "street": "Obere Str.", "city": "Berlin", "country": "DE"}
    await read_model.orders({"order_id": ORDER, "delivery_addresses": [address]})
    await read_model.products({"sku": "CHAI", "name": "Chai"})
    await read_model.stores({"store_id": "seattle"})
    [shipment] = await read_model.shipments(
        {
            "order_id": ORDER,
            "delivery_address_id": HOME,
            "status": "dispatched",
            "lines": UNITS,
            "parcels": PARCELS,
            "tracking": REPORTS,
            "carrier": "dhl",
            "attempts": 1,
            "dispatched_at": NOON,
            "version": 5,
        }
    )
    query = """query ($id: ID!) { shipment(id: $id) {
      status location carrier attempts reason receivedBy plannedAt dispatchedAt deliveredAt version
      lines { orderLineId lineNumber sku quantity product { name } }
      parcels { parcelId weight carrier trackingNumber trackingUrl }
      tracking(last: 2) { eventId code at parcelId city country }
      deliveryAddress { street city } store { name } order { id fulfilment }
    } }"""

    found = (await ask(client, query, id=str(shipment)))["shipment"]

    assert found == {
        "status": "DISPATCHED",
        "location": "seattle",
        "carrier": "dhl",
        "attempts": 1,
        "reason": None,
        "receivedBy": None,
        "plannedAt": "2026-01-01T00:00:00Z",
        "dispatchedAt": "2026-01-31T12:00:00Z",
        "deliveredAt": None,
        "version": 5,
        "lines": [
            {"orderLineId": str(LINE), "lineNumber": 1, "sku": "CHAI", "quantity": 2, "product": {"name": "Chai"}}
        ],
        "parcels": [
            {
                "parcelId": "1",
                "weight": "1.250",
                "carrier": "dhl",
                "trackingNumber": "JD014600003",
                "trackingUrl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD014600003",
            }
        ],
        "tracking": [
            {
                "eventId": f"dhl-{hour}",
                "code": "IN_TRANSIT",
                "at": f"2026-01-31T1{hour}:00:00Z",
                "parcelId": None,
                "city": None,
                "country": "DE",
            }
            for hour in (3, 4)
        ],
        "deliveryAddress": {"street": "Obere Str.", "city": "Berlin"},
        "store": {"name": "Seattle"},
        "order": {"id": str(ORDER), "fulfilment": "SHIPPED"},
    }


async def test_shipments_are_listed_the_newest_first(client: httpx.AsyncClient, shipments: list[UUID]) -> None:
    first = (await ask(client, PAGE))["shipments"]
    second = (await ask(client, PAGE, after=first["pageInfo"]["endCursor"]))["shipments"]
    oldest = (await ask(client, PAGE, sort="PLANNED_AT_ASC"))["shipments"]

    assert [each["id"] for each in [*first["nodes"], *second["nodes"]]] == [str(each) for each in shipments[4::-1]]
    assert [each["pageInfo"]["hasNextPage"] for each in (first, second)] == [True, False]
    assert first["totalCount"] == 5
    assert [each["id"] for each in oldest["nodes"]] == [str(each) for each in shipments[:3]]


@pytest.mark.parametrize(
    ("filter", "numbers"),
    [
        ({"orderId": str(ORDER)}, [1, 0]),
        ({"customerId": str(CUSTOMER)}, [2, 1, 0]),
        ({"customerId": str(CUSTOMER), "status": ["FAILED"]}, [2]),
        ({"status": ["PLANNED", "DELIVERED"]}, [3, 1, 0]),
        ({"location": "main"}, [1]),
        ({"location": "store:seattle", "status": ["PLANNED", "FAILED"]}, [3, 2]),
        ({"status": ["CANCELLED"]}, []),
        ({"orderId": "x"}, []),
        ({"location": "\0"}, []),
    ],
)
async def test_shipments_are_filtered(
    client: httpx.AsyncClient, shipments: list[UUID], filter: Row, numbers: list[int]
) -> None:
    found = (await ask(client, PAGE, filter=filter))["shipments"]

    assert [each["id"] for each in found["nodes"]] == [str(shipments[number]) for number in numbers]
    assert found["totalCount"] == len(numbers)


async def test_shipments_are_found_by_their_ids(client: httpx.AsyncClient, shipments: list[UUID]) -> None:
    ids = [str(shipments[0]), str(shipments[5]), "x", str(shipments[2])]

    found = (await ask(client, PAGE, filter={"ids": ids}))["shipments"]

    assert [each["id"] for each in found["nodes"]] == [str(shipments[2]), str(shipments[0])]


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ({"status": ["UNKNOWN"]}, "`filter.status` must have at least one status, and not UNKNOWN"),
        ({"status": []}, "`filter.status` must have at least one status, and not UNKNOWN"),
        ({"ids": []}, "`filter.ids` must have 1 to 100 ids, not 0"),
    ],
)
async def test_an_invalid_filter_is_refused(client: httpx.AsyncClient, filter: Row, message: str) -> None:
    answer = await client.post("/graphql", json={"query": PAGE, "variables": {"filter": filter}})

    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")


async def test_an_order_shows_its_shipments_and_how_far_it_is(
    client: httpx.AsyncClient, read_model: ReadModel, shipments: list[UUID]
) -> None:
    await read_model.orders({"order_id": ORDER, "status": "confirmed"}, {"status": "shipped"})
    query = "{ orders(first: 2, sort: TOTAL_ASC) { nodes { status fulfilment shipments { id status } } } }"

    orders = {each["status"]: each for each in (await ask(client, query))["orders"]["nodes"]}

    assert orders["CONFIRMED"]["fulfilment"] == "PARTIALLY_DELIVERED"
    assert orders["CONFIRMED"]["shipments"] == [
        {"id": str(shipments[0]), "status": "DELIVERED"},
        {"id": str(shipments[1]), "status": "PLANNED"},
    ]
    assert (orders["SHIPPED"]["fulfilment"], orders["SHIPPED"]["shipments"]) == ("SHIPPED", [])


@pytest.mark.usefixtures("shipments")
async def test_only_what_works_by_hand_can_follow(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    short, other = uuid4(), uuid4()
    await read_model.orders(
        {"order_id": ORDER, "status": "confirmed"},
        {"order_id": short, "status": "confirmed"},
        {"order_id": other, "status": "shipped"},
    )
    await read_model.sourcings({"order_id": short, "status": "short"}, {"order_id": other, "status": "short"})

    nodes = (await ask(client, "{ orders(first: 9) { nodes { id allowedTransitions } } }"))["orders"]["nodes"]

    following = {each["id"]: each["allowedTransitions"] for each in nodes}
    assert following == {str(ORDER): ["CANCELLED"], str(short): ["CANCELLED"], str(other): ["DELIVERED"]}


@pytest.mark.parametrize(("version", "status"), [(3, 200), (4, 503)])
async def test_a_token_waits_for_the_version_of_a_shipment(
    client: httpx.AsyncClient, read_model: ReadModel, version: int, status: int
) -> None:
    [shipment] = await read_model.shipments({"version": 3})
    headers = {"Consistency-Token": f"shipment:{shipment}:{version}", "Consistency-Timeout-Ms": "300"}

    answer = await client.post("/graphql", json={"query": "{ orders { nodes { id } } }"}, headers=headers)

    assert answer.status_code == status
    if status == 503:
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "NOT_YET_CONSISTENT"
        assert error["extensions"]["lagMs"].keys() == {"shipping"}


FILTERS: list[Row] = [
    {},
    {"status": ["FAILED"]},
    {"status": ["FAILED", "PLANNED"]},
    {"location": "lima"},
    {"location": "lima", "status": ["FAILED"]},
    {"location": "depot", "status": ["FAILED", "DISPATCHED"]},
    {"customerId": "fc1ccc0e-bb8e-cd33-9f5d-c4b1aeb4e3a5"},
]


@pytest.mark.parametrize("filter", FILTERS, ids=str)
async def test_a_page_reads_little_more_than_it_shows(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, filter: Row
) -> None:
    await read_model.many_shipments()
    page = "query ($filter: ShipmentFilter) { shipments(filter: $filter) { nodes { id } } }"

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, page, filter=filter)
    read = await reading(statements)

    assert read.scanned == set()
    assert read.rows <= 70, read


async def test_the_shipments_of_a_page_of_orders_are_found_by_their_orders(
    client: httpx.AsyncClient, read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_model.many()
    await read_model.many_shipments()

    with monkeypatch.context() as patch:
        statements = recorded(patch)
        await ask(client, "{ orders(first: 10) { nodes { fulfilment shipments { id } } } }")
    read = await reading(statements)

    assert read.scanned == set()
    assert "shipment_by_order" in read.indexes
    assert read.rows <= 150, read

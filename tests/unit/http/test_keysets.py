"""What a list says of filters that no index supports."""

from __future__ import annotations

import pytest

from chassis.http.errors.problems import Problem
from chassis.rest.keysets import EQUAL, Filter, Index, Listing

LISTING = Listing(
    table="shipment",
    columns="*",
    identity="id",
    identity_as="id",
    sorts={"id": "id"},
    indexes=(
        Index("PRIMARY", (), "id"),
        Index("by_order", ("order_id",), "id"),
        Index("by_location", ("location", "status"), "id"),
        Index("by_location_and_carrier", ("location", "status", "carrier"), "id"),
    ),
)
COLUMNS = {"orderId": "order_id", "location": "location", "status": "status", "carrier": "carrier"}


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        (["location"], "filtering by location needs status as well"),
        (["carrier"], "filtering by carrier needs location and status as well"),
        (["carrier", "status"], "filtering by status and carrier needs location as well"),
        (
            ["orderId", "status"],
            "filtering by orderId and status together is not supported; use fewer filters",
        ),
    ],
)
def test_filters_that_are_not_supported_name_what_would_be(given: list[str], detail: str) -> None:
    filters = [Filter(name, column, EQUAL, "x" if name in given else None) for name, column in COLUMNS.items()]

    with pytest.raises(Problem) as refused:
        LISTING.plan(filters, None)

    assert {each["detail"] for each in refused.value.errors} == {detail}

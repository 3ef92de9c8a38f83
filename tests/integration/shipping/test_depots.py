"""The API of depots."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.support.shipping import Shipping
from tests.support.shipping_days import DEPOT

pytestmark = pytest.mark.usefixtures("shipping")


async def test_a_depot_is_created_changed_and_deleted(http: httpx.AsyncClient) -> None:
    made = await http.put("/depots/berlin", json=DEPOT)
    again = await http.put("/depots/berlin", json=DEPOT)
    blind = await http.put("/depots/berlin", json={**DEPOT, "vans": ["x"]})
    changed = await http.put(
        "/depots/berlin", json={**DEPOT, "vans": ["x"]}, headers={"If-Match": made.headers["ETag"]}
    )
    late = await http.put("/depots/berlin", json=DEPOT, headers={"If-Match": made.headers["ETag"]})
    listed = (await http.get("/depots")).json()["items"]

    assert (made.status_code, made.headers["Location"]) == (201, "/depots/berlin")
    assert made.headers["Consistency-Token"] == "depot:berlin:1"
    assert [each.status_code for each in (again, blind, changed, late)] == [200, 428, 200, 412]
    assert again.json() == made.json()
    assert (changed.json()["vans"], changed.json()["version"]) == (["x"], 2)
    assert listed == [changed.json()] == [(await http.get("/depots/berlin")).json()]
    unchanged = await http.get("/depots/berlin", headers={"If-None-Match": changed.headers["ETag"]})
    assert unchanged.status_code == 304


async def test_a_depot_that_is_created_again_has_a_later_version(http: httpx.AsyncClient) -> None:
    await http.put("/depots/berlin", json=DEPOT)

    blind = await http.delete("/depots/berlin")
    gone = await http.delete("/depots/berlin", headers={"If-Match": "*"})
    again = await http.put("/depots/berlin", json=DEPOT)

    assert [blind.status_code, gone.status_code, again.status_code] == [428, 204, 201]
    assert gone.headers["Consistency-Token"] == "depot:berlin:2"
    assert again.json()["version"] > 2
    assert (await http.delete("/depots/rome", headers={"If-Match": "*"})).status_code == 404
    assert (await http.get("/depots/rome")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"zone": "Europe/Atlantis"}, "#/zone"),
        ({"opens": "18:00", "closes": "08:00"}, "#/closes"),
        ({"opens": "8:00"}, "#/opens"),
        ({"closes": "24:01"}, "#/closes"),
        ({"vans": ["a", "b", "a"]}, "#/vans/2"),
        ({"vans": ["Maria's van"]}, "#/vans/0"),
        ({"parallelDeliveries": 0}, "#/parallelDeliveries"),
    ],
)
async def test_an_invalid_depot_is_refused(http: httpx.AsyncClient, changes: dict[str, object], pointer: str) -> None:
    answer = await http.put("/depots/berlin", json={**DEPOT, **changes})

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_a_depot_is_created_once(http: httpx.AsyncClient, shipping: Shipping) -> None:
    answers = await asyncio.gather(*(http.put("/depots/berlin", json=DEPOT) for _ in range(12)))

    assert sorted(each.status_code for each in answers) == [200] * 11 + [201]
    assert {each.json()["version"] for each in answers} == {1}

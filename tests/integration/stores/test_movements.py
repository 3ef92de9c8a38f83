"""What a till does with a store's stock, over HTTP and on MySQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import orjson
import pytest

from stores.rules import MAX_UNITS
from tests.support.by_hand import rows_by_hand
from tests.support.stock.store import DATABASE, PATH, Till, check_books, new_sku, open_store
from tests.support.system.binlogs import administrator


@pytest.fixture
async def till(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    async with open_store(monkeypatch, reads=False) as opened:
        yield opened


async def test_a_delivery_and_a_sale(till: Till) -> None:
    sku = new_sku()

    delivered = await till.move(sku, 5, reference="delivery 7")
    sold = await till.move(sku, -2)

    assert (delivered.status_code, sold.status_code) == (201, 201)
    body = sold.json()
    assert (body["movement"]["sequence"], body["movement"]["onHandAfter"]) == (2, 3)
    assert (body["stock"]["onHand"], body["stock"]["free"], body["stock"]["version"]) == (3, 3, 2)
    assert sold.headers["ETag"] == '"2"'
    assert (await till.http.get(sold.headers["Location"])).json() == body["movement"]
    await check_books(sku)


async def test_fifty_tills_sell_the_last_unit_once(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 1)

    answers = await asyncio.gather(*(till.move(sku, -1) for _ in range(50)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["type"] == "urn:oms:problem:insufficient-stock"
    assert refused | {"onHand": 0, "unsellable": 0, "committed": 0, "free": 0} == refused
    await check_books(sku)


async def test_fifty_deliveries_of_a_new_sku_are_all_there(till: Till) -> None:
    sku = new_sku()

    answers = await asyncio.gather(*(till.move(sku, 1) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {201}
    assert await till.units(sku) == (50, 0, 0)
    await check_books(sku)


async def test_a_retry_moves_nothing_even_once_all_is_sold(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 1)

    answers = await asyncio.gather(*(till.move(sku, -1, key=f"sale-{sku[2:]}") for _ in range(10)))
    again = await till.move(sku, -1, key=f"sale-{sku[2:]}")

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await till.units(sku) == (0, 0, 0)


async def test_a_movement_needs_a_key_and_a_count_does_not(till: Till) -> None:
    answer = await till.http.post(f"{PATH}/stock-movements", json={"sku": "A", "delta": 1, "reason": "received"})

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:oms:problem:idempotency-key-missing"
    assert (await till.count(new_sku(), 0, 0)).status_code == 201


async def test_a_sum_beyond_the_column_is_refused(till: Till) -> None:
    sku = new_sku()
    await till.count(sku, MAX_UNITS, 0)

    answer = await till.move(sku, 1)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/delta"]
    assert await till.units(sku) == (MAX_UNITS, 0, 0)
    assert (await till.count(sku, MAX_UNITS, 0)).status_code == 201


async def test_damaged_units_stay_on_hand_and_cannot_be_sold(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 3)

    assert (await till.move(sku, 0, reason="damaged", unsellableDelta=2)).status_code == 201
    assert (await till.move(sku, -2)).status_code == 409
    assert (await till.move(sku, -2, reason="damaged", unsellableDelta=-2)).status_code == 201
    assert (await till.move(sku, -1)).status_code == 201
    assert await till.units(sku) == (0, 0, 0)
    await check_books(sku)


async def test_a_reference_is_used_once_for_a_sku(till: Till) -> None:
    sku, other = new_sku(), new_sku()
    await till.move(sku, 2)
    await till.move(other, 1)

    answers = await asyncio.gather(*(till.move(sku, -1, reference="till 1, 4711") for _ in range(5)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 4}
    assert (await till.move(other, -1, reference="till 1, 4711")).status_code == 201
    assert await till.units(sku) == (1, 0, 0)


async def test_a_count_during_sales_is_exact(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 10)
    at = (await till.http.get(f"{PATH}/stock", params={"sku": sku})).json()["items"][0]["movements"]
    await till.move(sku, -3)
    await till.move(sku, 1, reason="returned")

    counted = await till.count(sku, 8, at)
    again = await till.count(sku, 8, at)

    assert (counted.status_code, counted.json()["difference"]) == (201, -2)
    assert (again.status_code, again.json()["difference"]) == (201, 0)
    assert await till.units(sku) == (6, 0, 0)
    await check_books(sku)


async def test_counts_and_sales_at_the_same_moment(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 30)

    sales = [till.move(sku, -1) for _ in range(20)]
    counts = [till.count(sku, 28, 1) for _ in range(5)]
    answers = await asyncio.gather(*sales, *counts)

    assert {answer.status_code for answer in answers} == {201}
    assert await till.units(sku) == (8, 0, 0)
    await check_books(sku)


async def test_a_count_refers_to_what_has_happened(till: Till) -> None:
    sku = new_sku()
    await till.move(sku, 3)

    assert (await till.count(sku, 3, 2)).status_code == 422
    await till.move(sku, -3)
    assert (await till.count(sku, 2, 1)).status_code == 409


async def test_reorder_levels(till: Till) -> None:
    sku = new_sku()
    made = await till.move(sku, 3)
    path = f"{PATH}/stock/{sku.replace('/', '%2F')}"

    without = await till.http.patch(path, json={"reorderAt": 5})
    patched = await till.http.patch(
        path, json={"reorderAt": 5, "reorderTo": 9}, headers={"If-Match": made.headers["ETag"]}
    )
    stale = await till.http.patch(path, json={"reorderAt": 1}, headers={"If-Match": made.headers["ETag"]})
    invalid = await till.http.patch(path, json={"reorderTo": 5}, headers={"If-Match": "*"})

    assert (without.status_code, patched.status_code, stale.status_code, invalid.status_code) == (428, 200, 412, 422)
    assert patched.json() | {"reorderAt": 5, "reorderTo": 9, "onHand": 3, "version": 2} == patched.json()
    below = (await till.http.get(f"{PATH}/stock", params={"belowReorder": True, "limit": 100})).json()["items"]
    assert sku in [each["sku"] for each in below]
    await till.move(sku, 3)
    below = (await till.http.get(f"{PATH}/stock", params={"belowReorder": True, "limit": 100})).json()["items"]
    assert sku not in [each["sku"] for each in below]


async def test_lists_are_read_page_by_page(till: Till) -> None:
    skus = sorted(new_sku() for _ in range(3))
    for sku in skus:
        await till.move(sku, 2)
        await till.move(sku, -1)

    first = (await till.http.get(f"{PATH}/stock", params={"sku": skus, "limit": 2})).json()
    second = (
        await till.http.get(f"{PATH}/stock", params={"sku": skus, "limit": 2, "cursor": first["nextCursor"]})
    ).json()
    moved = (await till.http.get(f"{PATH}/stock/{skus[0].replace('/', '%2F')}/movements")).json()["items"]

    assert [each["sku"] for each in first["items"] + second["items"]] == skus
    assert second["nextCursor"] is None
    assert [each["sequence"] for each in moved] == [2, 1]


async def test_another_store_is_served_elsewhere(till: Till) -> None:
    for path in ("/stores/lima/stock", "/stores/seattle-2/stock/A", "/stores/seattl/allocations"):
        answer = await till.http.get(path)

        assert (answer.status_code, answer.json()["type"]) == (404, "urn:oms:problem:store-not-found")


async def test_a_till_sends_what_it_has_collected_and_may_repeat_it(till: Till) -> None:
    sku, other = new_sku(), new_sku()
    told = [
        {"sku": sku, "delta": 3, "reason": "received", "reference": "1"},
        {"sku": sku, "delta": -2, "reason": "sold", "reference": "2", "happenedAt": "2026-01-31T12:00:00Z"},
        {"sku": sku, "delta": -2, "reason": "sold", "reference": "3"},
        {"sku": sku, "delta": -1, "reason": "sold", "reference": "4"},
        {"sku": other, "delta": 1, "unsellableDelta": 2, "reason": "received", "reference": "5"},
        {"sku": other, "delta": -1, "reason": "sold", "reference": "6"},
        {"sku": sku, "delta": -1, "reason": "sold", "reference": "4"},
        {"sku": sku, "delta": -1, "reason": "sold"},
    ]

    first, again = await till.send_lines(*told), await till.send_lines(*told)
    differs = await till.send_lines({**told[0], "delta": 4})

    assert [each.get("status") for each in first] == [201, 201, 409, 201, 409, 409, 200, 422, None]
    assert [each.get("status") for each in again] == [200, 200, 409, 200, 409, 409, 200, 422, None]
    assert first[3] == {"line": 4, "status": 201, "sku": sku, "reference": "4", "sequence": 3, "version": 3}
    assert [fault["pointer"] for fault in differs[0]["problem"]["errors"]] == ["#/reference", "#/delta"]
    assert (await till.http.get(f"{PATH}/stock/{other.replace('/', '%2F')}")).status_code == 404
    [*_, sale, _] = (await till.http.get(f"{PATH}/stock/{sku.replace('/', '%2F')}/movements")).json()["items"]
    assert (sale["happenedAt"], sale["caller"]) == ("2026-01-31T12:00:00Z", "till-3")
    exported = (await till.http.get(f"{PATH}/stock-movements/bulk")).content.splitlines()
    assert sale in [orjson.loads(line) for line in exported]
    await check_books(sku)


async def test_lines_that_are_all_refused_leave_nothing_on_the_topic(till: Till) -> None:
    """A row that were inserted and deleted would be newer there than the first delivery."""
    sku, other = new_sku(), new_sku()
    async with administrator() as connection:
        await connection.execute(
            f"CREATE TRIGGER {DATABASE}.no_deletion BEFORE DELETE ON {DATABASE}.stock"
            " FOR EACH ROW SIGNAL SQLSTATE '45000'"
        )
        try:
            results = await till.send_lines(
                {"sku": sku, "delta": 1, "unsellableDelta": 2, "reason": "received", "reference": "1"},
                {"sku": other, "delta": 1, "reason": "received", "reference": "1"},
                {"sku": sku, "delta": -1, "reason": "sold", "reference": "2"},
            )
        finally:
            await connection.execute(f"DROP TRIGGER {DATABASE}.no_deletion")

    assert [each.get("status") for each in results[:-1]] == [409, 201, 409]
    assert not await rows_by_hand(DATABASE, "SELECT 1 FROM stock WHERE sku = %s", [sku])
    await check_books(other)


async def test_lines_and_tills_at_the_same_moment(till: Till) -> None:
    skus = [new_sku() for _ in range(3)]
    sales = [{"sku": sku, "delta": -1, "reason": "sold", "reference": f"{n}"} for n in range(8) for sku in skus]
    for sku in skus[:2]:
        await till.move(sku, 10)

    results, again, *answers = await asyncio.gather(
        till.send_lines(*sales, {"sku": skus[2], "delta": 1, "reason": "received", "reference": "new"}),
        till.send_lines(*reversed(sales)),
        *(till.move(sku, -1) for sku in skus[:2] for _ in range(4)),
    )

    assert {each["status"] for each in results[:-1] + again[:-1]} <= {200, 201, 409}
    for sku in skus[:2]:
        assert await till.units(sku) == (0, 0, 0)
    for sku in skus:
        await check_books(sku)
    assert 201 in {answer.status_code for answer in answers}

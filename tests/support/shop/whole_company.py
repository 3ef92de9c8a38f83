"""A company with every kind of data, and digests of its rows in MySQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.support.by_hand import rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_category, a_customer, a_key, a_product, an_address, client, made

SAME_ROWS = ("customers", "products", "orders")
"""The databases whose rows an import restores. A store has a ledger of its own, of which only the sums are equal."""

NOT_THE_COMPANY_S = {
    "*.schema_migration": "when this database got its tables",
    "*.idempotency_key": "answers that are kept for a day",
    "*.customers_heartbeat": "the time",
    "*.products_heartbeat": "the time",
    "*.orders_heartbeat": "the time",
    "customers.deleted_id": "the versions of deletes that no view of the new system has heard of",
    "customers.customer_words_progress": "up to which update the words of names are filled",
    "products.known_sku": "the same of products",
    "products.known_category": "the same of categories",
    "products.category_tree": "a row to lock",
    "products.category_change": "changes that are being copied to products",
    "products.replica_sku_availability": "made from a topic, with the versions of inventory",
    "orders.replica_customer": "made from the topics; has who was deleted, whom no topic of the new system tells of",
    "orders.replica_address": "the same of addresses",
    "orders.replica_product": "the same of products",
    "orders.replica_sourcing": "the same of sourcings",
    "orders.replica_shipment": "the same of shipments",
    "orders.replica_freshness": "until when these three hold all that the others had committed",
}
"""The tables that may differ, and why. In all other tables, every column of every row is equal."""

COMMANDS: Mapping[str, list[str]] = {
    "placed": [],
    "confirmed": ["confirm"],
    "shipped": ["confirm", "ship"],
    "delivered": ["confirm", "ship", "deliver"],
    "cancelled": ["confirm", "cancel"],
    "rejected": ["reject"],
}

STORIES: Mapping[str, dict[str, str]] = {
    "placed": {},
    "confirmed": {"confirmedAt": "1996-07-05T00:00:00.25Z"},
    "shipped": {"shippedAt": "1996-07-16T00:00:00+02:00", "requiredAt": "1996-08-01T00:00:00Z"},
    "delivered": {"shippedAt": "1996-07-16T00:00:00Z", "deliveredAt": "1996-07-20T00:00:00Z"},
    "cancelled": {"cancelledAt": "1996-07-16T00:00:00Z", "cancellationReason": "too late"},
    "rejected": {"rejectedAt": "1996-07-16T00:00:00Z", "rejectionReason": "no such thing"},
}


async def make_a_company() -> dict[str, str]:
    """Create orders in every status, placed and imported, with changed lines, deleted addresses and products, of
    inactive and erased customers. Returns the status of each order by its id."""
    thing, yen, gone = await a_product(), await a_product(price="1200", currency="JPY"), await a_product(weight="1.5")
    cold = await a_category(name="Cold “quoted”", description="two\nlines", position=7)
    ice = await a_category(name="Ice", parent=cold["slug"])
    await a_product(active=False, categories=[ice["slug"], cold["slug"]])
    await changed("products", f"/categories/{cold['slug']}", {"name": "Cold “and quoted”"})
    await deleted("products", f"/categories/{(await a_category())['slug']}")
    ana, erased = await a_customer(), await a_customer(identityDocument="X-1", phone="1")
    await a_customer(active=False, company="Café Ñandú 🫖")
    home, twin, moved = [await an_address(ana, latitude="-12.046370", longitude=-77) for _ in range(3)]
    theirs = await an_address(erased, street="Secret Street")
    await changed("products", f"/products/{thing['sku']}", {"description": "Two\nlines", "price": "9.90"})
    await changed("customers", f"/customers/{ana['id']}", {"phone": "030-0074321"})

    async def ordered(customer: dict[str, Any], *lines: dict[str, Any]) -> dict[str, Any]:
        body = {"customerId": customer["id"], "lines": lines}
        return dict(await eventually(lambda: made("orders", "/orders", body)))

    line = {"sku": thing["sku"], "quantity": 3, "deliveryAddressId": home["id"]}
    statuses = {}
    for status, commands in COMMANDS.items():
        order = await ordered(ana, line, {**line, "deliveryAddressId": moved["id"]}, {**line, "sku": thing["sku"]})
        await changed("orders", f"/orders/{order['id']}/lines", {"lines": [{**line, "discount": "0.1"}, line]})
        for command in commands:
            reason = {"reason": "because"} if command in ("cancel", "reject") else None
            async with client("orders") as http:
                moved_on = await http.post(f"/orders/{order['id']}/{command}", json=reason, headers=a_key())
            assert moved_on.status_code == 200, moved_on.text
        statuses[order["id"]] = status
    statuses[(await ordered(ana, {**line, "sku": yen["sku"], "deliveryAddressId": twin["id"]}))["id"]] = "placed"
    statuses[(await ordered(ana, {**line, "sku": gone["sku"], "deliveryAddressId": moved["id"]}))["id"]] = "placed"
    theirs_placed = (await ordered(erased, {**line, "deliveryAddressId": theirs["id"]}))["id"]
    statuses[theirs_placed] = "placed"
    number = uuid4().hex
    for status, story in STORIES.items():
        old_line = {**line, "unitPrice": "7.77", "discount": "0.1234"}
        old = {"externalId": number, "source": status, "customerId": ana["id"], "currency": "USD", "freight": "32.38",
               "placedAt": "1996-07-04T00:00:00Z", "lines": [old_line, old_line], **story}  # fmt: skip
        statuses[(await made("orders", "/imported-orders", old))["id"]] = status
    await deleted("customers", f"/addresses/{moved['id']}")
    await deleted("customers", f"/customers/{erased['id']}")
    await deleted("products", f"/products/{gone['sku']}")
    await eventually(lambda: _is_erased(theirs_placed))
    return statuses


async def changed(service: str, path: str, patch: dict[str, Any]) -> None:
    """Change a resource in its first version."""
    async with client(service) as http:
        answer = await http.patch(path, json=patch, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text


async def deleted(service: str, path: str) -> None:
    """Delete a resource."""
    async with client(service) as http:
        answer = await http.delete(path, headers={"If-Match": "*"})
    assert answer.status_code == 204, answer.text


async def _is_erased(order_id: str) -> None:
    async with client("orders") as http:
        history = (await http.get(f"/orders/{order_id}/history")).json()["items"]
    assert [each["command"] for each in history] == ["place", "erase"]


async def digests() -> dict[str, tuple[int, str]]:
    """The number of rows of each table, and a digest of all their columns."""
    found: dict[str, tuple[int, str]] = {}
    for database in SAME_ROWS:
        for name in [name for table in await rows_by_hand(database, "SHOW TABLES") for name in table.values()]:
            if not {f"{database}.{name}", f"*.{name}"} & set(NOT_THE_COMPANY_S):
                found[f"{database}.{name}"] = await _digest(database, name)
    return found


async def _digest(database: str, table: str) -> tuple[int, str]:
    columns = sorted(row["Field"] for row in await rows_by_hand(database, f"SHOW COLUMNS FROM `{table}`"))
    values = ", ".join(f"IFNULL(HEX(CAST(`{column}` AS CHAR)), '-')" for column in columns)
    row = f"CONV(LEFT(SHA2(CONCAT_WS('|', {values}), 256), 14), 16, 10)"
    sums = f"SELECT COUNT(*) AS number, CAST(SUM(CAST({row} AS UNSIGNED)) AS CHAR) AS total FROM `{table}`"
    [found] = await rows_by_hand(database, sums)
    return found["number"], found["total"]

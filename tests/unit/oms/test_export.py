"""The export: what was cut goes on, what is whole gets its name, and the import reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from oms.company.exporting.company_export import export_company
from oms.company.files import Position
from oms.company.importing.import_state import FILES
from oms.company.lines.addresses import address_body
from oms.company.lines.categories import Category, category_body, category_line, parents_first
from oms.company.lines.customers import Customer, customer_body, customer_line
from oms.company.lines.orders import ExportedOrder, decode_order, order_line
from oms.company.lines.products import Product, product_body, product_line
from oms.company.lines.stores import Store, store_body
from oms.company.rest import Rest

PRODUCT = {
    "sku": "P", "name": "Tea", "description": None, "price": "2.00", "currency": "USD", "type": "tea",
    "length": 1.5, "width": None, "height": 0.125, "weight": 12.0, "unit": "box",
    "categories": ["hot"], "active": False,
}  # fmt: skip
CATEGORY: dict[str, Any] = {
    "slug": "hot", "name": "Hot", "description": None, "parent": None, "position": 0, "exported": {"version": 1},
}  # fmt: skip
ADDRESS = {
    "recipient": "R", "company": None, "phone": "1",
    "streetType": "Calle", "street": "S", "number": "1", "building": "B", "department": "D", "reference": "R",
    "city": "Lima", "region": "L", "postalCode": "0", "country": "PE", "latitude": -12.046374, "longitude": -77.0,
}  # fmt: skip
CUSTOMER = {
    "name": "A", "lastName": "B", "email": "c@example.com", "identityDocument": "X", "phone": None, "company": "C",
    "active": False,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "O", "externalId": None, "customerId": "7", "status": "placed", "allowedTransitions": ["confirmed"],
    "lines": [{"id": "L", "sku": "P"}], "exported": {"erasedAt": None, "history": []},
}  # fmt: skip


def product(number: int) -> dict[str, Any]:
    return PRODUCT | {"sku": f"P{number}"}


def customer(number: int, *cities: str) -> dict[str, Any]:
    addresses = [{**ADDRESS, "city": city, "exported": {"id": city}} for city in cities]
    return CUSTOMER | {"email": f"{number}@example.com", "addresses": addresses, "exported": {"id": str(number)}}


STORE: dict[str, Any] = {
    "id": "seattle", "name": "Seattle", "kind": "shop", "country": "US", "region": None, "city": "Seattle",
    "latitude": "47.609700", "longitude": "-122.333100", "priority": 2, "sellsOnline": False, "version": 3,
    "freshUntil": "2026-01-31T12:00:00Z",
}  # fmt: skip


def stock(number: int, **changes: Any) -> dict[str, Any]:
    units = {"onHand": number, "unsellable": 0, "committed": 0, "reorderAt": None, "reorderTo": None, "movements": 1}
    return {"storeId": "seattle", "sku": f"P{number}", **units, **changes}


class Services:
    """Answers for each path, one after the other, and with what they were asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[dict[str, Any]] | Exception]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.pages: dict[str, list[list[dict[str, Any]] | Exception]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path in self.pages:
            return self.page(self.pages[path], request.url.params.get("cursor"))
        self.asked.append((path, request.url.params.get("after")))
        lines = self.answers[path].pop(0)
        return httpx.Response(200, stream=Lines([lines] if isinstance(lines, Exception) else [*lines]))

    def page(self, pages: list[list[dict[str, Any]] | Exception], cursor: str | None) -> httpx.Response:
        number = int(cursor or 0)
        page = pages[number]
        if isinstance(page, Exception):
            del pages[number]
            raise page
        following = str(number + 1) if number + 1 < len(pages) else None
        return httpx.Response(200, json={"items": page, "nextCursor": following})


class Lines(httpx.AsyncByteStream):
    """A body that breaks off at an error."""

    def __init__(self, lines: list[Any]) -> None:
        self.lines = lines

    async def __aiter__(self):
        for line in self.lines:
            if isinstance(line, Exception):
                raise line
            yield json.dumps(line).encode() + b"\n"


@pytest.fixture
def services() -> Services:
    services = Services()
    services.answers = {
        "/products/bulk": [[product(1)]],
        "/categories/bulk": [[CATEGORY]],
        "/customers/bulk": [[customer(1, "Lima")]],
        "/orders/bulk": [[ORDER]],
    }
    services.pages = {"/stores": [[STORE]], "/stores/seattle/stock": [[stock(1)]]}
    return services


async def export(folder: Path, services: Services, skipped: list[str] | None = None) -> dict[str, int]:
    counted = dict.fromkeys(FILES, 0)

    def on_lines(file: str, count: int) -> None:
        counted[file] += count

    async with httpx.AsyncClient(transport=httpx.MockTransport(services)) as client:
        await export_company(
            folder, Rest(client), on_lines, lambda _: None, (skipped if skipped is not None else []).append
        )
    return counted


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_what_a_line_says_is_what_the_import_sends() -> None:
    line = json.dumps(product_line(PRODUCT)).encode()
    sent = product_body(msgspec.json.decode(line, type=Product))
    measures = {name: None if PRODUCT[name] is None else str(PRODUCT[name]) for name in ("length", "width", "height")}
    assert sent == PRODUCT | measures | {"weight": "12.0"}

    line = json.dumps(customer_line(customer(7, "Lima"))).encode()
    person = msgspec.json.decode(line, type=Customer)
    assert person.external_id == "7"
    assert customer_body(person) == CUSTOMER | {"email": "7@example.com", "exported": {"id": "7"}}
    degrees = {"latitude": "-12.046374", "longitude": "-77.0"}
    assert address_body(person.addresses[0]) == ADDRESS | degrees | {"exported": {"id": "Lima"}}

    line = json.dumps(order_line(ORDER)).encode()
    assert decode_order(line) == ExportedOrder("O", "7", line)
    assert json.loads(line) == {k: v for k, v in ORDER.items() if k not in ("externalId", "allowedTransitions")}


async def test_a_customer_in_several_lines_is_one_line_of_the_file(tmp_path: Path, services: Services) -> None:
    services.answers["/customers/bulk"] = [[customer(1, "a", "b"), customer(1, "c"), customer(2), customer(3, "d")]]

    await export(tmp_path, services)

    found = read(tmp_path / "customers.jsonl")
    assert [[place["city"] for place in line["addresses"]] for line in found] == [["a", "b", "c"], [], ["d"]]


async def test_what_breaks_off_is_asked_for_after_the_last_whole_one(tmp_path: Path, services: Services) -> None:
    broken = httpx.ReadError("broken")
    services.answers["/products/bulk"] = [httpx.ConnectError("away"), [product(1), product(2)]]
    services.answers["/customers/bulk"] = [
        [customer(1, "a"), customer(2, "b"), broken],  # type: ignore[list-item]
        [customer(2, "b"), customer(2, "c")],
    ]

    await export(tmp_path, services)

    assert services.asked == [
        ("/orders/bulk", None),
        ("/products/bulk", None), ("/products/bulk", None), ("/categories/bulk", None),
        ("/customers/bulk", None), ("/customers/bulk", "1"),
    ]  # fmt: skip
    assert [line["externalId"] for line in read(tmp_path / "customers.jsonl")] == ["1", "2"]
    assert len(read(tmp_path / "customers.jsonl")[1]["addresses"]) == 2


@pytest.mark.parametrize("torn", [b"", b'{"externalId": "9", "na'])
async def test_an_export_that_was_killed_goes_on_where_it_was(tmp_path: Path, services: Services, torn: bytes) -> None:
    await export(tmp_path, services)
    for file in FILES:
        (tmp_path / file).rename(tmp_path / f"{file}.part")
    with (tmp_path / "customers.jsonl.part").open("ab") as part:
        part.write(torn)
    for path in services.answers:
        services.answers[path] = [[customer(2)] if path == "/customers/bulk" else []]

    counted = await export(tmp_path, services)

    assert services.asked[4:] == [
        ("/orders/bulk", "O"), ("/products/bulk", "P1"), ("/categories/bulk", "hot"), ("/customers/bulk", "1"),
    ]  # fmt: skip
    assert [line["externalId"] for line in read(tmp_path / "customers.jsonl")] == ["1", "2"]
    assert counted == dict.fromkeys(FILES, 1) | {"customers.jsonl": 2}
    assert files(tmp_path) == sorted(FILES)


async def test_stock_is_exported_page_by_page_as_the_import_reads_it(tmp_path: Path, services: Services) -> None:
    away = httpx.ConnectError("away")
    second = [stock(2, unsellable=1, reorderAt=1, reorderTo=4, committed=1)]
    services.pages["/stores/seattle/stock"] = [[stock(1)], away, second]
    (tmp_path / "stock.jsonl.part").write_text("of an export that was interrupted\n")

    await export(tmp_path, services)

    assert read(tmp_path / "stock.jsonl") == [
        {"store": "seattle", "sku": "P1", "onHand": 1},
        {"store": "seattle", "sku": "P2", "onHand": 2, "unsellable": 1, "reorderAt": 1, "reorderTo": 4},
    ]
    [line] = (tmp_path / "stores.jsonl").read_bytes().splitlines()
    body = store_body(msgspec.json.decode(line, type=Store))
    assert body == {name: STORE[name] for name in body}


@pytest.mark.parametrize(
    ("fresh_until", "pages", "is_skipped"),
    [
        (None, None, True),
        (None, [httpx.ConnectError("not started")], True),
        (None, [[stock(7)]], False),
        ("2026-01-31T12:00:00Z", [httpx.ConnectError("away"), [stock(7)]], False),
    ],
)
async def test_only_a_store_that_was_never_started_is_skipped_and_named(
    tmp_path: Path,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    fresh_until: str | None,
    pages: list[Any] | None,
    is_skipped: bool,
) -> None:
    services.pages["/stores"] = [[STORE | {"id": "lima-2", "freshUntil": fresh_until}, STORE]]
    if pages is not None:
        monkeypatch.setenv("OMS_STORE_LIMA_2_PORT", "8099")
        services.pages["/stores/lima-2/stock"] = pages
    skipped: list[str] = []

    await export(tmp_path, services, skipped)

    assert skipped == ["lima-2"] * is_skipped
    assert [line["sku"] for line in read(tmp_path / "stock.jsonl")] == ([] if is_skipped else ["P7"]) + ["P1"]
    assert [line["id"] for line in read(tmp_path / "stores.jsonl")] == ["lima-2", "seattle"]


def test_categories_are_sent_after_their_parents() -> None:
    parents = {"c": "b", "b": "a", "a": None, "x": "y", "y": "x", "d": "elsewhere"}
    lines = [(Position("f", 1), Category(slug=slug, name="N", parent=up)) for slug, up in parents.items()]

    ordered = [category.slug for _, category in parents_first(lines)]

    assert sorted(ordered) == sorted(parents)
    assert ordered[:4] == ["a", "d", "b", "c"]


def test_a_category_of_a_line_is_the_one_that_is_sent() -> None:
    line = json.dumps(category_line(CATEGORY)).encode()

    assert category_body(msgspec.json.decode(line, type=Category)) == CATEGORY

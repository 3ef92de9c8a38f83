"""The import against services that refuse, stumble and repeat themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from oms.importing import Outcome, Report, import_company
from oms.rest import Rest

PRODUCT = {"sku": "P", "name": "Tea", "price": "2.00", "currency": "USD"}
ADDRESS = {"street": "S 1", "city": "Lima", "country": "PE"}
CUSTOMER = {"externalId": "C", "name": "A", "lastName": "B", "email": "c@example.com", "addresses": [ADDRESS]}
LINE = {"sku": "P", "unitPrice": "2.00", "quantity": 1}
ORDER = {"externalId": 7, "customer": "C", "orderedOn": "2020-01-01", "shipTo": ADDRESS, "lines": [LINE]}

Answer = httpx.Response


class Services:
    """The three services as one: what was made, and what they answer first for a path."""

    def __init__(self) -> None:
        self.made: dict[str, list[dict[str, Any]]] = {}
        self.first: dict[str, list[Answer | Exception]] = {}
        self.refuses: Callable[[dict[str, Any]], list[str]] = lambda _: []

    def __call__(self, request: httpx.Request) -> Answer:
        path = request.url.path
        if self.first.get(path):
            answer = self.first[path].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if not path.endswith("/bulk"):
            is_new, made = self.make(path, json.loads(request.content))
            return Answer(201 if is_new else 200, json=made)
        lines = [json.loads(line) for line in request.content.splitlines()]
        answers = [self.line(number, path, line) for number, line in enumerate(lines, 1)]
        return Answer(200, content=json_lines(*answers, {"lines": len(lines)}))

    def make(self, path: str, body: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        known = self.made.setdefault(path, [])
        for key in ("email", "sku", "externalId"):
            twin = next((each for each in known if key in body and each[key] == body[key]), None)
            if twin:
                return False, twin
        known.append({**body, "id": f"{path}-{len(known)}"})
        return True, known[-1]

    def line(self, number: int, path: str, line: dict[str, Any]) -> dict[str, Any]:
        if wrong := self.refuses(line):
            errors = [{"pointer": pointer, "detail": "is wrong"} for pointer in wrong]
            fault = {"type": "urn:oms:problem:invalid-request", "detail": "it does not fit", "errors": errors}
            return {"line": number, "status": 422, "problem": fault}
        addresses = line.pop("addresses", [])
        is_new, made = self.make(path, line)
        ids = [self.make(f"{made['id']}/addresses", {"externalId": address})[1]["id"] for address in addresses]
        return {"line": number, "status": 201 if is_new else 200, "id": made["id"], "addresses": ids}


def json_lines(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def problem(status: int, kind: str, detail: str = "no") -> Answer:
    return Answer(status, json={"type": f"urn:oms:problem:{kind}", "detail": detail})


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def run(tmp_path: Path, services: Services) -> Callable[..., Any]:
    async def import_lines(**lines: list[dict[str, Any]]) -> Report:
        for name, line in {"products": PRODUCT, "customers": CUSTOMER, "orders": ORDER}.items():
            text = "\n".join(json.dumps(each) for each in lines.get(name, [line]))
            (tmp_path / f"{name}.jsonl").write_text(text)
        report = Report(lambda _: None)
        async with httpx.AsyncClient(transport=httpx.MockTransport(services)) as client:
            await import_company(tmp_path, Rest(client), 3, report)
        return report

    return import_lines


async def test_a_second_import_makes_nothing(services: Services, run: Callable[..., Any]) -> None:
    first = await run()
    made = {path: len(each) for path, each in services.made.items()}
    second = await run()

    assert set(outcomes(first)) == {Outcome.MADE}
    assert set(outcomes(second)) == {Outcome.THERE}
    assert {path: len(each) for path, each in services.made.items()} == made


@pytest.mark.parametrize(
    "stumble", [problem(503, "dependency-unavailable"), Answer(429), Answer(502), httpx.ConnectError("refused")]
)
@pytest.mark.parametrize("path", ["/products/bulk", "/customers/bulk", "/imported-orders"])
async def test_a_service_that_stumbles_is_asked_again(
    services: Services, run: Callable[..., Any], path: str, stumble: Answer | Exception
) -> None:
    services.first[path] = [stumble, stumble]

    report = await run()

    assert not report.faults
    assert set(outcomes(report)) == {Outcome.MADE}


async def test_an_order_waits_for_what_is_on_its_way(services: Services, run: Callable[..., Any]) -> None:
    services.first["/imported-orders"] = [problem(422, "unknown-reference")] * 3

    report = await run()

    assert not report.faults


async def test_an_order_that_is_refused_is_told_and_the_next_goes_in(
    services: Services, run: Callable[..., Any]
) -> None:
    services.first["/imported-orders"] = [problem(422, "invalid-request", "there is no such thing")]

    report = await run(orders=[ORDER, ORDER | {"externalId": 8}])

    assert [str(fault) for fault in report.faults] == ["orders.jsonl:1: there is no such thing"]
    assert report.outcomes["orders.jsonl", Outcome.MADE] == 1


async def test_an_order_of_a_customer_or_product_that_did_not_get_in_is_told_at_once(run: Callable[..., Any]) -> None:
    orders = [ORDER | {"customer": "X"}, ORDER | {"externalId": 8, "lines": [LINE | {"sku": "Y"}]}]

    report = await run(orders=orders)

    assert [str(fault) for fault in report.faults] == [
        "orders.jsonl:1: no such customer was imported: X",
        "orders.jsonl:2: no such product was imported: Y",
    ]


async def test_a_place_that_only_an_order_names_is_that_orders_fault(run: Callable[..., Any]) -> None:
    nowhere = ORDER | {"externalId": 8, "shipTo": ADDRESS | {"country": "Utopia"}}

    report = await run(orders=[nowhere, ORDER])

    assert [str(fault) for fault in report.faults] == ["orders.jsonl:1: 'Utopia' is not a country"]


async def test_a_place_that_is_refused_is_the_fault_of_the_orders_that_name_it(
    services: Services, run: Callable[..., Any]
) -> None:
    nowhere = ORDER | {"externalId": 8, "shipTo": ADDRESS | {"city": "Nowhere"}}
    services.refuses = lambda line: [
        f"#/addresses/{index}/city"
        for index, address in enumerate(line.get("addresses", []))
        if address["city"] == "Nowhere"
    ]

    report = await run(orders=[nowhere, ORDER])

    assert [str(fault) for fault in report.faults] == ["orders.jsonl:1: it does not fit; #/city is wrong"]
    assert report.outcomes["customers.jsonl", Outcome.MADE] == 1
    assert report.outcomes["orders.jsonl", Outcome.MADE] == 1


@pytest.mark.parametrize("pointer", ["#/name", "#/addresses", "#/addresses/0/street"])
async def test_a_customer_that_is_refused_is_told_once(
    services: Services, run: Callable[..., Any], pointer: str
) -> None:
    services.refuses = lambda line: [pointer, "#/addresses/1/city"] if "email" in line else []
    elsewhere = ORDER | {"shipTo": ADDRESS | {"city": "Cusco"}}

    report = await run(orders=[elsewhere])

    assert [str(fault) for fault in report.faults] == [
        f"customers.jsonl:1: it does not fit; {pointer} is wrong; #/addresses/1/city is wrong",
        "orders.jsonl:1: no such customer was imported: C",
    ]


async def test_an_address_is_made_once_for_all_orders_that_go_there(
    services: Services, run: Callable[..., Any]
) -> None:
    elsewhere = ADDRESS | {"city": "Cusco"}
    orders = [ORDER | {"externalId": number, "shipTo": place} for number, place in enumerate([ADDRESS, elsewhere] * 3)]

    await run(orders=orders)

    assert cities(services) == ["Lima", "Cusco"]


async def test_very_many_addresses_go_in_several_lines(services: Services, run: Callable[..., Any]) -> None:
    orders = [ORDER | {"externalId": number, "shipTo": ADDRESS | {"city": f"C{number}"}} for number in range(100)]

    report = await run(orders=orders)

    assert cities(services) == ["Lima", *(f"C{number}" for number in range(100))]
    assert report.outcomes["customers.jsonl", Outcome.MADE] == 1
    used = {line["deliveryAddressId"] for order in services.made["/imported-orders"] for line in order["lines"]}
    assert len(used) == 100


@pytest.mark.parametrize("ending", [b"", json_lines({"status": 503, "problem": {"detail": "the database is away"}})])
async def test_a_bulk_that_was_cut_goes_on_after_the_last_answer(
    services: Services, run: Callable[..., Any], ending: bytes
) -> None:
    products = [PRODUCT | {"sku": f"P{number}"} for number in range(5)]
    answered = [{"line": number, "status": 201, "sku": f"P{number - 1}"} for number in (1, 2)]
    services.first["/products/bulk"] = [Answer(200, content=json_lines(*answered) + ending)]

    report = await run(products=products, orders=[])

    assert [product["sku"] for product in services.made["/products/bulk"]] == ["P2", "P3", "P4"]
    assert report.outcomes["products.jsonl", Outcome.MADE] == 5


def cities(services: Services) -> list[str]:
    return [address["externalId"]["city"] for address in services.made["/customers/bulk-0/addresses"]]


def outcomes(report: Report) -> list[Outcome]:
    return [outcome for _, outcome in report.outcomes]

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

    def __call__(self, request: httpx.Request) -> Answer:
        path = request.url.path
        if request.method == "GET":
            return Answer(200, json={"items": self.made.get(path, []), "nextCursor": None})
        if self.first.get(path):
            answer = self.first[path].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        body = json.loads(request.content)
        known = self.made.setdefault(path, [])
        for key, kind in (("email", "email-taken"), ("sku", "sku-taken"), ("externalId", "")):
            twin = next((each for each in known if key in body and each[key] == body[key]), None)
            if twin:
                return problem(409, kind) if kind else Answer(200, json=twin)
        made = {**body, "id": f"{path}-{len(known)}"}
        known.append(made)
        return Answer(201, json=made)


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
@pytest.mark.parametrize("path", ["/products", "/customers", "/customers//customers-0/addresses", "/imported-orders"])
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


async def test_an_address_is_made_once_for_all_orders_that_go_there(
    services: Services, run: Callable[..., Any]
) -> None:
    elsewhere = ADDRESS | {"city": "Cusco"}
    orders = [ORDER | {"externalId": number, "shipTo": place} for number, place in enumerate([ADDRESS, elsewhere] * 3)]

    await run(orders=orders)

    addresses = services.made["/customers//customers-0/addresses"]
    assert [address["city"] for address in addresses] == ["Lima", "Cusco"]


def outcomes(report: Report) -> list[Outcome]:
    return [outcome for _, outcome in report.outcomes]

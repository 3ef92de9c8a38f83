"""The import against services that refuse, stumble and repeat themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from oms.company.errors import ServiceUnavailable
from oms.company.importing.company_import import import_company
from oms.company.importing.import_state import Outcome, Report
from oms.company.rest import Rest
from oms.company.retries import ProgressTimeout, import_timeout

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
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> Answer:
        path = request.url.path
        self.asked.append(f"{path}?{request.url.query.decode()}")
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
    async def import_lines(
        *, update: bool = False, timeout: ProgressTimeout | None = None, **lines: list[dict[str, Any]]
    ) -> Report:
        for name, line in {"products": PRODUCT, "customers": CUSTOMER, "orders": ORDER}.items():
            text = "\n".join(json.dumps(each) for each in lines.get(name, [line]))
            (tmp_path / f"{name}.jsonl").write_text(text)
        report = Report(lambda _: None)
        async with httpx.AsyncClient(transport=httpx.MockTransport(services)) as client:
            await import_company(tmp_path, Rest(client, timeout), 3, report, update=update)
        return report

    return import_lines


async def test_a_second_import_makes_nothing(services: Services, run: Callable[..., Any]) -> None:
    first = await run()
    made = {path: len(each) for path, each in services.made.items()}
    second = await run()

    assert set(outcomes(first)) == {Outcome.CREATED}
    assert set(outcomes(second)) == {Outcome.UNCHANGED}
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

    assert not report.errors
    assert set(outcomes(report)) == {Outcome.CREATED}


async def test_an_order_waits_for_what_is_on_its_way(services: Services, run: Callable[..., Any]) -> None:
    services.first["/imported-orders"] = [problem(503, "reference-not-yet-known")] * 3

    report = await run()

    assert not report.errors


async def test_an_order_that_refers_to_nothing_is_refused_at_once(services: Services, run: Callable[..., Any]) -> None:
    services.first["/imported-orders"] = [problem(422, "unknown-reference", "there is no product P")]

    report = await run()

    assert [str(fault) for fault in report.errors] == ["orders.jsonl:1: there is no product P"]


async def test_an_order_that_is_refused_is_told_and_the_next_goes_in(
    services: Services, run: Callable[..., Any]
) -> None:
    services.first["/imported-orders"] = [problem(422, "invalid-request", "there is no such thing")]

    report = await run(orders=[ORDER, ORDER | {"externalId": 8}])

    assert [str(fault) for fault in report.errors] == ["orders.jsonl:1: there is no such thing"]
    assert report.outcomes["orders.jsonl", Outcome.CREATED] == 1


@pytest.mark.parametrize(
    ("file", "line", "pointer"),
    [
        ("products", PRODUCT | {"pirce": "1"}, "#/pirce"),
        ("customers", CUSTOMER | {"adresses": []}, "#/adresses"),
        ("customers", CUSTOMER | {"addresses": [ADDRESS | {"zip": "1"}]}, "#/addresses/0/zip"),
        ("orders", ORDER | {"lines": [LINE | {"unitprice": "1"}]}, "#/lines/0/unitprice"),
    ],
)
async def test_a_member_that_nobody_reads_is_refused(
    run: Callable[..., Any], file: str, line: dict[str, Any], pointer: str
) -> None:
    report = await run(**{file: [line]})

    assert str(report.errors[0]) == f"{file}.jsonl:1: {pointer} is not a member of this line"


@pytest.mark.parametrize("when", ["2020-01-01T12:00:00", "2020-13-01", "soon", "20200101"])
async def test_a_time_without_its_zone_is_refused(run: Callable[..., Any], when: str) -> None:
    report = await run(orders=[ORDER | {"orderedOn": when}])

    assert str(report.errors[0]).startswith("orders.jsonl:1: #/orderedOn is neither a day")


async def test_finished_history_is_sent_as_it_was(services: Services, run: Callable[..., Any]) -> None:
    past = {"status": "cancelled", "cancelledOn": "2020-01-02T12:00:00+01:00", "cancellationReason": "late"}

    await run(orders=[ORDER | past | {"source": "old"}])

    [sent] = services.made["/imported-orders"]
    assert {name: sent[name] for name in ("source", "status", "placedAt", "cancelledAt", "cancellationReason")} == {
        "source": "old", "status": "cancelled", "placedAt": "2020-01-01T00:00:00Z",
        "cancelledAt": "2020-01-02T12:00:00+01:00", "cancellationReason": "late",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/products/bulk", "/customers/bulk", "/imported-orders"])
async def test_what_is_taken_is_refused_and_not_called_there(
    services: Services, run: Callable[..., Any], path: str
) -> None:
    kind = {"/products/bulk": "sku-taken", "/customers/bulk": "email-taken", "/imported-orders": "external-id-taken"}
    fault = {"type": f"urn:oms:problem:{kind[path]}", "detail": "no", "errors": [{"pointer": "#/x", "detail": "y"}]}
    whole = Answer(200, content=json_lines({"line": 1, "status": 409, "problem": fault}, {"lines": 1}))
    services.first[path] = [whole if path.endswith("/bulk") else Answer(409, json=fault)]

    report = await run()

    assert str(report.errors[0]).endswith("jsonl:1: no; #/x y")
    in_spite = {"/products/bulk": "customers.jsonl", "/customers/bulk": "products.jsonl"}
    assert report.outcomes[in_spite.get(path, "products.jsonl"), Outcome.CREATED] == 1
    orders_in = report.outcomes["orders.jsonl", Outcome.CREATED]
    assert orders_in == (1 if path == "/products/bulk" else 0)


async def test_e_mail_addresses_that_differ_in_case_are_not_one_person(
    services: Services, run: Callable[..., Any]
) -> None:
    other = CUSTOMER | {"externalId": "D", "email": "C@Example.com"}
    same_id = CUSTOMER | {"externalId": "E", "email": "c@xn--exmple-cua.com"}
    known = Answer(200, content=json_lines(
        *({"line": line, "status": 200, "id": "X", "addresses": ["A"]} for line in (1, 2)), {"lines": 2}
    ))  # fmt: skip
    services.first["/customers/bulk"] = [known]

    report = await run(customers=[CUSTOMER, other, same_id], orders=[ORDER | {"customer": "D"}])

    assert [str(fault).partition(" is in line 1 already")[0] for fault in report.errors] == [
        "customers.jsonl:2: #/email this e-mail address",
        "customers.jsonl:3: # this customer",
        "orders.jsonl:1: no such customer was imported: D",
    ]


async def test_an_update_is_asked_for_by_name(services: Services, run: Callable[..., Any]) -> None:
    for path, line in {"/products/bulk": {}, "/customers/bulk": {"id": "X", "addresses": ["A"]}}.items():
        updated = {"line": 1, "status": 200, "updated": True, **line}
        services.first[path] = [Answer(200, content=json_lines(updated, {"lines": 1}))]

    report = await run(update=True)

    assert services.asked[:2] == ["/products/bulk?update=true", "/customers/bulk?update=true"]
    assert outcomes(report) == [Outcome.UPDATED, Outcome.UPDATED, Outcome.CREATED]


EXPORTED = {"id": "O", "customerId": "/customers/bulk-0", "status": "placed", "exported": {"history": []}}


async def test_exported_orders_are_sent_as_they_are_once_their_customer_is_known(
    services: Services, run: Callable[..., Any]
) -> None:
    unknown = {"type": "urn:oms:problem:unknown-reference", "detail": "no customer"}
    not_yet = {"type": "urn:oms:problem:reference-not-yet-known", "detail": "not yet"}
    orders = [EXPORTED, EXPORTED | {"id": "P"}, EXPORTED | {"id": "Q", "customerId": "nobody"}]
    answers = [{"line": 1, "status": 503, "problem": not_yet}, {"line": 3, "status": 422, "problem": unknown}]
    done = {"line": 2, "status": 201, "id": "P"}
    services.first["/orders/bulk"] = [
        Answer(200, content=json_lines(answers[0], done, answers[1], {"lines": 3})),
        Answer(200, content=json_lines(answers[0], {"lines": 1})),
    ]
    heard: list[str | None] = []

    report = await run(orders=orders, timeout=ProgressTimeout(60, heard.append))

    assert [str(fault) for fault in report.errors] == ["orders.jsonl:3: no customer"]
    assert report.outcomes["orders.jsonl", Outcome.CREATED] == 2
    assert [{**each, "id": "O"} for each in services.made["/orders/bulk"]] == [EXPORTED]
    assert heard == ["not yet", "not yet", None]


async def test_an_import_gives_up_when_nothing_goes_on(services: Services, run: Callable[..., Any]) -> None:
    services.first["/products/bulk"] = [problem(503, "dependency-unavailable", "away")] * 3
    heard: list[str | None] = []

    with pytest.raises(ServiceUnavailable, match="away"):
        await run(timeout=ProgressTimeout(1e-9, heard.append))

    assert heard == ["products is unavailable: away"]


async def test_an_order_of_a_customer_or_product_that_did_not_get_in_is_told_at_once(run: Callable[..., Any]) -> None:
    orders = [ORDER | {"customer": "X"}, ORDER | {"externalId": 8, "lines": [LINE | {"sku": "Y"}]}]

    report = await run(orders=orders)

    assert [str(fault) for fault in report.errors] == [
        "orders.jsonl:1: no such customer was imported: X",
        "orders.jsonl:2: no such product was imported: Y",
    ]


async def test_a_place_that_only_an_order_names_is_that_orders_fault(run: Callable[..., Any]) -> None:
    nowhere = ORDER | {"externalId": 8, "shipTo": ADDRESS | {"country": "Utopia"}}

    report = await run(orders=[nowhere, ORDER])

    assert [str(fault) for fault in report.errors] == ["orders.jsonl:1: 'Utopia' is not a country"]


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

    assert [str(fault) for fault in report.errors] == ["orders.jsonl:1: it does not fit; #/city is wrong"]
    assert report.outcomes["customers.jsonl", Outcome.CREATED] == 1
    assert report.outcomes["orders.jsonl", Outcome.CREATED] == 1


@pytest.mark.parametrize("pointer", ["#/name", "#/addresses", "#/addresses/0/street"])
async def test_a_customer_that_is_refused_is_told_once(
    services: Services, run: Callable[..., Any], pointer: str
) -> None:
    services.refuses = lambda line: [pointer, "#/addresses/1/city"] if "email" in line else []
    elsewhere = ORDER | {"shipTo": ADDRESS | {"city": "Cusco"}}

    report = await run(orders=[elsewhere])

    assert [str(fault) for fault in report.errors] == [
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
    assert report.outcomes["customers.jsonl", Outcome.CREATED] == 1
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
    assert report.outcomes["products.jsonl", Outcome.CREATED] == 5


def cities(services: Services) -> list[str]:
    return [address["externalId"]["city"] for address in services.made["/customers/bulk-0/addresses"]]


def outcomes(report: Report) -> list[Outcome]:
    return [outcome for _, outcome in report.outcomes]


def test_how_long_nothing_may_go_on_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_IMPORT_TIMEOUT_S", "1e-9")
    heard: list[str | None] = []
    timeout = import_timeout(heard.append)
    timeout.retry_or_raise(ServiceUnavailable("products is away"))

    with pytest.raises(ServiceUnavailable):
        timeout.retry_or_raise(ServiceUnavailable("products is away"))

    timeout.progressed()
    timeout.retry_or_raise(ServiceUnavailable("orders is away"))
    assert heard == ["products is away", None, "orders is away"]

"""`oms stores add`: what was not given stays as it is, and the text says what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from oms.company.rest import Rest
from oms.main import app
from oms.stock import requests, stores_add
from oms.stock.store_description import id_fault

SEATTLE: dict[str, Any] = {
    "id": "seattle", "name": "Seattle", "kind": "warehouse", "country": "US", "region": "WA", "city": "Seattle",
    "latitude": 47.6097, "longitude": -122.3331, "priority": 2, "sellsOnline": False,
    "freshUntil": "2026-01-31T12:00:00Z",
}  # fmt: skip
OPTIONS = {
    "name": "Pike", "kind": "shop", "country": "CA", "region": "BC", "city": "Vancouver", "latitude": "49.2",
    "longitude": "-123.1", "priority": "7",
}  # fmt: skip

Add = Callable[..., tuple[int, str]]


class Inventory:
    """The stores of central, and what was sent to it."""

    def __init__(self) -> None:
        self.stores: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        store = self.stores.get(request.url.path.rpartition("/")[2])
        if request.method == "GET":
            missing = httpx.Response(404, json={"type": "urn:oms:problem:store-not-found", "detail": "no"})
            return httpx.Response(200, json=store, headers={"ETag": '"1"'}) if store else missing
        self.sent.append(json.loads(request.content))
        return httpx.Response(200, json={})


@pytest.fixture
def inventory() -> Inventory:
    return Inventory()


@pytest.fixture
def add(inventory: Inventory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Add:
    @asynccontextmanager
    async def rest():
        async with httpx.AsyncClient(transport=httpx.MockTransport(inventory)) as client:
            yield Rest(client)

    async def create_store(*_: object) -> None:
        return None

    monkeypatch.setattr(requests, "rest", rest)
    monkeypatch.setattr(stores_add, "create_store", create_store)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["stores", "add", "--secrets", str(tmp_path / "none"), *arguments])
        return result.exit_code, " ".join(result.output.split())

    return run


@pytest.mark.parametrize("given", [each for count in (0, 1, 3) for each in combinations(OPTIONS, count)])
def test_only_the_given_options_are_changed(given: tuple[str, ...], inventory: Inventory, add: Add) -> None:
    inventory.stores["seattle"] = SEATTLE

    code, said = add("seattle", *(part for name in given for part in (f"--{name}", OPTIONS[name])))

    assert (code, said) == (0, f"store seattle is {'changed' if given else 'unchanged'}")
    changes = {name: int(OPTIONS[name]) if name == "priority" else OPTIONS[name] for name in given}
    assert inventory.sent == ([changes] if given else [])


def test_a_new_store_needs_a_country_and_is_then_to_be_started(inventory: Inventory, add: Add) -> None:
    assert add("lima-2") == (1, "lima-2 has no country: add --country")
    assert inventory.sent == []

    code, said = add("lima-2", "--country", "PE")

    assert (code, said.startswith("store lima-2 is added Start its process")) == (0, True)
    assert "OMS_STORE_LIMA_2_PORT=" in said
    [body] = inventory.sent
    assert (body["id"], body["name"], body["kind"], body["country"]) == ("lima-2", "lima-2", "shop", "PE")


@pytest.mark.parametrize("store_id", ["lima--2", "-lima", "lima-", "Lima", "lima_2", "lima 2", "", "ñ", "a" * 27])
def test_an_id_that_names_no_database_is_refused(store_id: str, inventory: Inventory, add: Add) -> None:
    code, said = add("--country", "PE", "--", store_id)[0], id_fault(store_id)

    assert code != 0
    assert said is not None
    assert inventory.sent == []


@pytest.mark.parametrize("store_id", ["a", "lima-2", "a" * 26, "1-2-3"])
def test_an_id_that_names_a_database_is_none(store_id: str) -> None:
    assert id_fault(store_id) is None

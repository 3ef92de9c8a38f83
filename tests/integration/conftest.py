"""What integration tests need: the servers, without our processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from chassis.databases.mysql import Database
from customers.api import app as customers_app
from inventory.api import app as inventory_app
from oms.prepare.command import prepare_all
from orders.placement import placing
from orders.settings import database
from products.api import app as products_app
from reconciliation.databases import Databases, open_databases
from tests.support.apps import running
from tests.support.shop.small_shop import open_shop
from tests.support.stock.inventory import put_store
from tests.support.system.emptying import empty_redis, empty_servers, remove_mysql_rows
from tests.support.views.both_sides import BothSides, both_sides
from tests.support.views.read_model import ReadModel, empty_read_model
from tests.support.views.search_index import Index, own_index


@pytest.fixture(scope="package")
def servers(ready_servers: dict[str, str]) -> Iterator[dict[str, str]]:
    """The servers with databases, accounts and topics."""
    asyncio.run(prepare_all())
    yield ready_servers
    empty_servers(ready_servers)


@pytest.fixture(scope="package", autouse=True)
def _servers_run(servers: dict[str, str]) -> None:
    """Every test in this folder has them."""


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with tests is no database that is away. Tests of outages have their own limits."""
    monkeypatch.setenv("OMS_MYSQL_TIMEOUT_S", "30")


@pytest.fixture(scope="module", autouse=True)
def _no_rows_stay(servers: dict[str, str]) -> Iterator[None]:
    """An export or a comparison goes through all rows there are, and some tests write many, or large ones."""
    yield
    asyncio.run(remove_mysql_rows())
    asyncio.run(empty_redis())  # it has stock of those rows


@pytest.fixture
async def own_database(servers: dict[str, str]) -> AsyncIterator[Database]:
    """The database of `orders`."""
    opened = database()
    yield opened
    await opened.close()


@pytest.fixture
async def orders(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The orders service with the small shop, which does not wait long for what is unknown."""
    monkeypatch.setattr(placing, "REFERENCE_WAIT_S", 0.2)
    async with open_shop(own_database) as client:
        yield client


@pytest.fixture
async def customers(servers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The customers service."""
    async with running(customers_app()) as client:
        yield client


@pytest.fixture
async def products(servers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The products service."""
    async with running(products_app()) as client:
        yield client


@pytest.fixture
async def inventory_api(servers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The inventory service, with the store in Seattle."""
    async with running(inventory_app()) as client:
        await put_store()
        yield client


@pytest.fixture
async def read_model(servers: dict[str, str]) -> AsyncIterator[ReadModel]:
    """The read model without a row, to be filled by hand."""
    async with empty_read_model() as rows:
        yield rows


@pytest.fixture
async def index(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    """An empty search index, which is the one that is searched."""
    async with own_index(monkeypatch) as made:
        yield made


@pytest.fixture
async def sides(servers: dict[str, str]) -> AsyncIterator[BothSides]:
    """Rows in MySQL and in every view."""
    async with both_sides() as sides:
        yield sides


@pytest.fixture
async def databases(servers: dict[str, str]) -> AsyncIterator[Databases]:
    """What is compared with MySQL, opened as the reconciliation does."""
    async with open_databases() as databases:
        yield databases

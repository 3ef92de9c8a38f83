"""What the tests of shipping need: its database, and its API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from shipping import settings
from shipping.api import app
from tests.support.apps import running
from tests.support.shipping import Shipping, empty_shipping


@pytest.fixture
async def shipping(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shipping]:
    """Shipping with an empty database. It plans orders without inventory, too."""
    monkeypatch.setattr(settings, "INVENTORY", False)
    async with empty_shipping() as opened:
        yield opened


@pytest.fixture
async def http(shipping: Shipping) -> AsyncIterator[httpx.AsyncClient]:
    """The API of shipping."""
    async with running(app()) as client:
        yield client

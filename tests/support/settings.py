"""Settings of apps that are made, and serve what needs no database."""

from __future__ import annotations

import pytest

_SECRETS = (
    "OMS_CUSTOMERS_DB_PASSWORD",
    "OMS_PRODUCTS_DB_PASSWORD",
    "OMS_ORDERS_DB_PASSWORD",
    "OMS_GATEWAY_DB_PASSWORD",
    "OMS_REDIS_PASSWORD",
    "OMS_CURSOR_KEY",
)


def unused_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what the apps require to be made; without rate limits."""
    for name in _SECRETS:
        monkeypatch.setenv(name, "unused")
    monkeypatch.setenv("OMS_RATE_LIMIT", "off")

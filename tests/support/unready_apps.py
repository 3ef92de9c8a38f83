"""The apps of all services without their databases: they refuse what is wrong before they need one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import pytest
from starlette.types import ASGIApp

_SECRETS = (
    "OMS_CUSTOMERS_DB_PASSWORD",
    "OMS_PRODUCTS_DB_PASSWORD",
    "OMS_ORDERS_DB_PASSWORD",
    "OMS_INVENTORY_DB_PASSWORD",
    "OMS_SHIPPING_DB_PASSWORD",
    "OMS_STORE_SEATTLE_DB_PASSWORD",
    "OMS_GATEWAY_DB_PASSWORD",
    "OMS_REDIS_PASSWORD",
    "OMS_CURSOR_KEY",
)

_DATABASES = ("mysql", "postgres", "redis", "elasticsearch", "kafka")


@cache
def unready_app(service: str) -> ASGIApp:
    """The app, made once and never started; without rate limits and databases."""
    with pytest.MonkeyPatch.context() as environment:
        for name in _SECRETS:
            environment.setenv(name, "unused")
        environment.setenv("OMS_STORE_ID", "seattle")
        for name in _DATABASES:  # a live system may listen on the default ports, and nothing on this one
            environment.setenv(f"OMS_{name.upper()}_PORT", "1")
        environment.setenv("OMS_RATE_LIMIT", "off")
        module: Any = import_module(f"{service}.api")
        made: ASGIApp = module.app()
        return made

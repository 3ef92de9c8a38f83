"""Hosts and ports of all processes, from the environment. Standard library only, since the installer uses it.

`OMS_<NAME>_PORT` and `OMS_<NAME>_HOST` set one port and host; `OMS_PORT_BASE` moves all ports at once (each to the base
plus its index in `DEFAULT_PORTS`), which is how the tests run beside a live system.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping


def store_process(store_id: str) -> str:
    """The name of a store's process, database and account; a hyphen becomes `_`."""
    return f"store_{store_id.replace('-', '_')}"


STORE_PORTS = {"seattle": 8021, "lima": 8022, "berlin": 8023}
"""The stores that the stack brings, by their ids. `oms stores add` adds others."""

DEFAULT_PORTS = {
    "gateway": 8000,
    "customers": 8001,
    "products": 8002,
    "orders": 8003,
    "connectors": 8004,
    "orders_stream": 6066,
    "products_worker": 6067,
    "orders_worker": 6068,
    "connect": 8083,
    "kafka": 9092,
    "kafka_controller": 9093,
    "mysql": 3306,
    "postgres": 5432,
    "redis": 6379,
    "elasticsearch": 9200,
    "elasticsearch_transport": 9300,
    "reconciliation": 8005,
    "inventory": 8010,
    "inventory_worker": 6075,
    **{store_process(store_id): number for store_id, number in STORE_PORTS.items()},
    "shipping": 8006,
    "shipping_worker": 6069,
}


def port(name: str, environ: Mapping[str, str] = os.environ) -> int:
    """The TCP port of `name`. Raises ValueError for a setting that is not a port and KeyError for an unknown name."""
    variable = f"OMS_{name.upper()}_PORT"
    if variable in environ:
        return _a_port(variable, environ[variable])
    default = DEFAULT_PORTS[name]
    if "OMS_PORT_BASE" in environ:
        return _a_port("OMS_PORT_BASE", environ["OMS_PORT_BASE"]) + list(DEFAULT_PORTS).index(name)
    return default


def stores(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The names of the processes of stores: those of `DEFAULT_PORTS`, and each `store_<id>` whose port is set."""
    set_ports = (re.fullmatch(r"OMS_(STORE_\w+)_PORT", variable) for variable in environ)
    named = [name for name in DEFAULT_PORTS if name.startswith("store_")]
    return list(dict.fromkeys([*named, *sorted(found[1].lower() for found in set_ports if found)]))


def host(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The host of `name`; loopback by default."""
    return environ.get(f"OMS_{name.upper()}_HOST", "127.0.0.1")


def address(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """`host:port` of `name`."""
    return f"{host(name, environ)}:{port(name, environ)}"


def url(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """`http://host:port` of `name`."""
    return f"http://{address(name, environ)}"


def every_port(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """All ports as the environment variables that name them, for the processes a supervisor starts."""
    return {f"OMS_{name.upper()}_PORT": str(port(name, environ)) for name in DEFAULT_PORTS}


def _a_port(variable: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"{variable} is {text!r}: expected a port from 1 to 65535")
    return int(text)

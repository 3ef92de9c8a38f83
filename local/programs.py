"""The programs of the stack: each server and process, its ports and how it is stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chassis.addresses import STORE_PORTS, store_process
from local.environment import brings_mysql

SERVERS, PROCESSES = "servers", "processes"
GROUPS = (SERVERS, PROCESSES)


@dataclass(frozen=True)
class Program:
    """A program of supervisord. `ports` are names in `chassis.addresses`; the first is that of its health check.

    `environment` has variables of this program alone.
    """

    name: str
    group: str
    command: str
    ports: tuple[str, ...] = ()
    stop_signal: str = "TERM"
    stops_first: bool = False
    once: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)


def _server(name: str, *more_ports: str, stop_signal: str = "TERM", stops_first: bool = False) -> Program:
    ports = (name, *more_ports)
    return Program(name, SERVERS, f"local/server {name}", ports, stop_signal=stop_signal, stops_first=stops_first)


def _process(name: str, module: str) -> Program:
    return Program(name, PROCESSES, f".venv/bin/python -m {module}", (name,))


def _store(store_id: str) -> Program:
    """The process of one store."""
    return replace(_process(store_process(store_id), "stores.store"), environment={"OMS_STORE_ID": store_id})


PROGRAMS = (
    _server("kafka", "kafka_controller"),
    # Connect leaves its group when it stops, and would wait half a minute for a stopped Kafka.
    _server("connect", stops_first=True),
    _server("mysql"),
    # INT is the fast shutdown of Postgres; with TERM it waits until every client has disconnected.
    _server("postgres", stop_signal="INT"),
    _server("redis"),
    _server("elasticsearch", "elasticsearch_transport"),
    Program("prepare", PROCESSES, ".venv/bin/python -m oms prepare", once=True),
    _process("customers", "customers.api"),
    _process("products", "products.api"),
    _process("products_worker", "products.worker"),
    _process("orders", "orders.api"),
    _process("orders_worker", "orders.worker"),
    _process("inventory", "inventory.api"),
    _process("inventory_worker", "inventory.worker"),
    *map(_store, STORE_PORTS),
    _process("shipping", "shipping.api"),
    _process("shipping_worker", "shipping.worker"),
    _process("orders_stream", "orders_stream.worker"),
    _process("gateway", "gateway.api"),
    _process("connectors", "connectors.watch"),
    _process("reconciliation", "reconciliation.watch"),
)


def ours(environ: Mapping[str, str], groups: Iterable[str] = GROUPS) -> list[Program]:
    """The programs of these groups or with these names, as far as this stack runs them."""
    wanted = set(groups)
    found = [p for p in PROGRAMS if p.group in wanted or p.name in wanted]
    return [p for p in found if p.name != "mysql" or brings_mysql(environ)]

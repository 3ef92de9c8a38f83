"""Shipments from a full topic to the read model, against orders with as many lines: both by `orders_stream.worker`.

Both topics are full. The one that is not measured is noted as read, so that the worker leaves it alone.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection
from functools import reduce

import asyncpg
import msgspec

from benchmarks.measures import ratio
from benchmarks.shipping.histories import history, just_planned
from benchmarks.stream import read_model, shop, topics
from benchmarks.stream.processes import process, trees
from benchmarks.stream.read_model import Load
from benchmarks.stream.runs import Run, middle
from benchmarks.stream.variants import command_of_worker
from benchmarks.stream.watching import Progress, ReadProgress, watch
from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from contracts.products import PRODUCTS
from contracts.shipping import SHIPMENT, ShipmentRow
from shipping.shipments.folding import apply
from shipping.shipments.rows import Personal, row_of

MEASURED = {"shipments": (SHIPMENT.name,), "orders": (ORDER.name, ORDER_DETAIL.name)}
REFERENCES = (CUSTOMER.name, ADDRESS.name, PRODUCTS.name)

_NUMBERS = Personal(tracking_numbers={"1": "00340434161094000001", "2": "00340434161094000002"}, received_by="Maria")

_PROGRESS = """
SELECT coalesce(sum(next_offset), 0)::bigint, extract(epoch FROM min(projected_at))::float8
FROM progress WHERE topic = ANY($1::text[])
"""
_READ = "INSERT INTO progress (topic, partition, next_offset, committed_at) VALUES ($1, $2, $3, now())"
_SHIPMENTS = """
SELECT count(*), count(DISTINCT order_id), sum(jsonb_array_length(lines)), sum(version) FROM shipment WHERE NOT deleted
"""

_encode = msgspec.json.Encoder(decimal_format="string").encode


def delivered(number: int) -> ShipmentRow:
    """The row of a shipment in the end, as it is on the topic."""
    _, *others = history(number)
    return row_of(reduce(apply, others, just_planned(number)), _NUMBERS, others[-1].at)


async def measure_projection(options: Namespace) -> None:
    """An empty read model for each run. Raises RuntimeError if a row is missing in the end."""
    load = Load(options.projected, await topics.fill(options.projected), shop.total_of(options.projected))
    await _fill(options.projected)
    runs: dict[str, list[Run]] = {name: [] for name in MEASURED}
    for _ in range(options.rounds):
        for name, into in runs.items():
            into.append(await _run(name, load))
            print(into[-1].line(name), flush=True)
    rate = {name: middle(some, Run.orders_per_second) for name, some in runs.items()}
    print(ratio("project-shipments-to-orders", rate["shipments"] / rate["orders"], 0.8))
    cost = {name: middle(some, Run.cpu_s_per_1000_orders) for name, some in runs.items()}
    print(ratio("cpu-of-order-to-cpu-of-shipment", cost["orders"] / cost["shipments"], 0.8))


async def _fill(shipments: int) -> None:
    async with topics.writing() as writer:
        for number in range(shipments):
            row = delivered(number)
            await writer.write(SHIPMENT.name, _encode({SHIPMENT.key: row.shipment_id}), _encode(row))


async def _run(name: str, load: Load) -> Run:
    await read_model.empty()
    await read_model.project_references()
    async with read_model.connected() as connection, topics.Ends() as ends:
        others = [topic for other, some in MEASURED.items() if other != name for topic in some]
        await _note_as_read(connection, ends, [*REFERENCES, *others])
        look = _progress_reader(connection, ends, MEASURED[name])
        with process("worker", *command_of_worker()) as started:
            seconds, samples = await watch(trees(started.pid), look, read_model.EVERY_S)
    contents = await read_model.check(load) if name == "orders" else await _check(load.orders)
    return Run(name=name, orders=load.orders, seconds=seconds, samples=samples, contents=contents)


async def _note_as_read(connection: asyncpg.Connection, ends: topics.Ends, names: Collection[str]) -> None:
    for name in names:
        for partition, end in (await ends.of_each(name)).items():
            await connection.execute(_READ, name, partition, end)


def _progress_reader(connection: asyncpg.Connection, ends: topics.Ends, names: Collection[str]) -> ReadProgress:
    async def look() -> Progress:
        [(done, began_s)] = await connection.fetch(_PROGRESS, names)
        return Progress(began_s, done / await ends.of(*names), (done, await ends.of(ORDERS_GRAPH.name)))

    return look


async def _check(shipments: int) -> dict[str, str]:
    async with read_model.connected() as connection:
        [found] = await connection.fetch(_SHIPMENTS)
    row = delivered(0)
    if tuple(found) != (wanted := (shipments, shipments, shop.LINES * shipments, row.version * shipments)):
        raise RuntimeError(f"shipments, their orders, lines and versions are {tuple(found)}, expected {wanted}")
    return {}

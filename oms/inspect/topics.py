"""`oms topics`: shows the topics of the catalogue on the broker."""

from __future__ import annotations

import asyncio

import typer
from aiokafka.errors import KafkaError
from rich import box
from rich.table import Table

from chassis import addresses
from chassis.kafka.client import admin, reader
from contracts.catalogue import CONSUMED, TOPICS, every_topic
from oms import kafka
from oms.inspect.dead_letters import open_letters
from oms.terminal import NOTHING, bad, console, fail, good

commands = typer.Typer(help="Show, create and scale the topics.", invoke_without_command=True)


@commands.callback()
def show(context: typer.Context) -> None:
    """Show each topic: partitions, records, writer, readers and open dead letters."""
    if context.invoked_subcommand is None:
        try:
            console.print(asyncio.run(table_of_topics()))
        except KafkaError as error:
            raise fail(f"kafka does not answer at {addresses.address('kafka')}: {error}") from None


async def table_of_topics() -> Table:
    """A table of the topics of the catalogue."""
    async with admin() as client:
        present = await kafka.partitions(client)
    records, letters = await _records(present), await open_letters(CONSUMED)
    caption = "records: offsets in use, including transaction markers and compacted records"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=caption, caption_justify="left")
    for column in ("topic", "partitions", "records", "writer", "readers", "dead letters"):
        table.add_column(column, overflow="fold", no_wrap=column == "topic")
    for topic in TOPICS:
        dead_letters = sum(each.letter.topic == topic.name for each in letters)
        table.add_row(
            topic.name,
            str(len(present[topic.name])) if topic.name in present else bad("missing"),
            str(records.get(topic.name, NOTHING)),
            topic.writer,
            "\n".join(topic.readers),
            (bad(str(dead_letters)) if dead_letters else good("0")) if topic in CONSUMED else NOTHING,
        )
    return table


async def _records(present: dict[str, list[int]]) -> dict[str, int]:
    """How many offsets each topic of the catalogue spans."""
    ours = {name: present[name] for name, *_ in every_topic() if name in present}
    if not ours:
        return {}
    async with reader() as consumer:
        partitions = kafka.each_partition(ours)
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    counts = dict.fromkeys(ours, 0)
    for partition in partitions:
        counts[partition.topic] += ends[partition] - begins[partition]
    return counts

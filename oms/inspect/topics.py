"""`oms topics`: the topics of the catalogue as they are on the broker; `oms topics create` makes and mends them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from os import environ

import typer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from rich import box
from rich.table import Table

from chassis import addresses
from chassis.kafka.client import admin, reader
from contracts.catalogue import CONSUMED, TOPICS, every_topic
from contracts.orders import ORDER
from oms.inspect import kafka
from oms.inspect.dead_letters import open_letters
from oms.inspect.topic_settings import update_settings
from oms.terminal import NOTHING, bad, console, fail, good

commands = typer.Typer(help="The topics of the system.", invoke_without_command=True)


@commands.callback()
def show(context: typer.Context) -> None:
    """Show each topic: its records, who writes it, who reads it, and how many dead letters of it are open."""
    if context.invoked_subcommand is None:
        try:
            console.print(asyncio.run(table_of_topics()))
        except KafkaError as error:
            raise fail(f"kafka does not answer at {addresses.address('kafka')}: {error}") from None


@commands.command()
def create() -> None:
    """Make the topics that are missing, and give those that are there the settings of the catalogue."""
    try:
        made, changed = asyncio.run(create_topics())
    except KafkaError as error:
        raise fail(f"kafka does not answer at {addresses.address('kafka')}: {error}") from None
    console.print(f"made: {', '.join(made)}" if made else "all topics are there")
    if changed:
        console.print(f"settings brought up to date: {', '.join(changed)}")


async def create_topics() -> tuple[list[str], list[str]]:
    """Make the topics of the catalogue that are missing, and bring the settings of the others up to date.

    Topics that are shared out by key get as many partitions as the others, or `OMS_PARTITIONS`: docs/partitions.md.

    Returns the names of those that were made, and of those whose settings changed. Raises KafkaError.
    """
    async with admin() as client:
        made = await _make_missing(client)
        wanted = {name: settings for name, _, settings in every_topic() if name not in made}
        changed = await update_settings(client, wanted)
    return made, changed


async def _make_missing(client: AIOKafkaAdminClient) -> list[str]:
    copies = int(environ.get("OMS_REPLICATION_FACTOR", "1"))
    present = await kafka.partitions(client)
    shared_out = shared_out_into(present)
    missing = [
        NewTopic(name, shared_out if partitions > 1 else 1, copies, topic_configs=settings)
        for name, partitions, settings in every_topic()
        if name not in present
    ]
    if not missing:
        return []
    answer = await client.create_topics(missing)
    for name, code, *_ in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(f"topic {name} cannot be made")
    return [topic.name for topic in missing]


def shared_out_into(present: Mapping[str, Sequence[int]]) -> int:
    """How many partitions a new topic gets that is shared out by key: as many as the others have, if there are any."""
    return len(present.get(ORDER.name, ())) or int(environ.get("OMS_PARTITIONS", ORDER.partitions))


async def table_of_topics() -> Table:
    """Every topic of the catalogue."""
    async with admin() as client:
        present = await kafka.partitions(client)
    records, letters = await _records(present), await open_letters(CONSUMED)
    caption = "records are offsets in use: the mark that ends a transaction, and what compaction removed, count too"
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
    """How many offsets each topic of ours spans."""
    ours = {name: present[name] for name, *_ in every_topic() if name in present}
    if not ours:
        return {}
    async with reader() as consumer:
        places = kafka.each_partition(ours)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    counts = dict.fromkeys(ours, 0)
    for place in places:
        counts[place.topic] += ends[place] - begins[place]
    return counts

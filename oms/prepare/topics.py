"""`oms topics create`: creates the topics of the catalogue that are missing and updates the settings of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from os import environ

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from chassis import addresses
from chassis.kafka.client import admin
from contracts.catalogue import every_topic
from contracts.orders import ORDER
from oms import kafka
from oms.terminal import console, fail

Settings = Mapping[str, str]

_OF_THE_TOPIC = 1
"""Kafka's number for a setting that was made on the topic itself, not on the broker."""


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


async def update_settings(client: AIOKafkaAdminClient, wanted: Mapping[str, Settings]) -> list[str]:
    """Give each topic these settings where it has others. Returns the names of those that changed.

    What else was set on a topic by hand stays: it is sent along, since aiokafka knows only the request that replaces
    all of a topic's settings. Raises KafkaError.
    """
    present = await topic_settings(client, wanted)
    stale = {name: present[name] for name, settings in wanted.items() if not settings.items() <= present[name].items()}
    if not stale:
        return []
    changes = [_resource(name, {**settings, **wanted[name]}) for name, settings in stale.items()]
    for answer in await client.alter_configs(changes):
        for code, reason, _, name in answer.resources:
            if code:
                raise for_code(code)(f"the settings of topic {name}: {reason}")
    return list(stale)


async def topic_settings(client: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The settings made on each of these topics; what it has from the broker is left out. Raises KafkaError."""
    found = {}
    for answer in await client.describe_configs([_resource(name) for name in names]):
        for code, reason, _, name, entries in answer.resources:
            if code:
                raise for_code(code)(f"the settings of topic {name}: {reason}")
            found[name] = {setting: value for setting, value, _, source, *_ in entries if source == _OF_THE_TOPIC}
    return found


def _resource(name: str, settings: Settings | None = None) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, name, settings)

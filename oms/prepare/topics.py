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
"""Kafka's code for a setting of the topic itself, not of the broker."""


def create() -> None:
    """Create missing topics, and update the settings of the others to those of the catalogue."""
    try:
        made, changed = asyncio.run(create_topics())
    except KafkaError as error:
        raise fail(f"kafka does not answer at {addresses.address('kafka')}: {error}") from None
    console.print(f"created: {', '.join(made)}" if made else "all topics exist")
    if changed:
        console.print(f"settings updated: {', '.join(changed)}")


async def create_topics() -> tuple[list[str], list[str]]:
    """Create the topics of the catalogue that are missing, and update the settings of the others.

    Topics that are partitioned by key get as many partitions as the others, or `OMS_PARTITIONS`: docs/partitions.md.

    Returns the names of the created topics, and of those whose settings changed. Raises KafkaError.
    """
    async with admin() as client:
        made = await _create_missing(client)
        wanted = {name: settings for name, _, settings in every_topic() if name not in made}
        changed = await update_settings(client, wanted)
    return made, changed


async def _create_missing(client: AIOKafkaAdminClient) -> list[str]:
    replicas = int(environ.get("OMS_REPLICATION_FACTOR", "1"))
    present = await kafka.partitions(client)
    keyed_partitions = partitions_of_new_topic(present)
    missing = [
        NewTopic(name, keyed_partitions if partitions > 1 else 1, replicas, topic_configs=settings)
        for name, partitions, settings in every_topic()
        if name not in present
    ]
    if not missing:
        return []
    answer = await client.create_topics(missing)
    for name, code, *_ in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(f"topic {name} cannot be created")
    return [topic.name for topic in missing]


def partitions_of_new_topic(present: Mapping[str, Sequence[int]]) -> int:
    """The number of partitions of a new topic that is partitioned by key: that of the existing topics, if any."""
    return len(present.get(ORDER.name, ())) or int(environ.get("OMS_PARTITIONS", ORDER.partitions))


async def update_settings(client: AIOKafkaAdminClient, wanted: Mapping[str, Settings]) -> list[str]:
    """Update the settings of each topic that differ. Returns the names of the topics that changed.

    Other settings of a topic are kept: they are sent along, because aiokafka supports only the request that replaces
    all settings of a topic. Raises KafkaError.
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
    """The settings of each topic itself, without those of the broker. Raises KafkaError."""
    found = {}
    for answer in await client.describe_configs([_resource(name) for name in names]):
        for code, reason, _, name, entries in answer.resources:
            if code:
                raise for_code(code)(f"the settings of topic {name}: {reason}")
            found[name] = {setting: value for setting, value, _, source, *_ in entries if source == _OF_THE_TOPIC}
    return found


def _resource(name: str, settings: Settings | None = None) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, name, settings)

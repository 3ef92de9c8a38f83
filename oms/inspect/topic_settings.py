"""Bringing the settings of topics that are there already to what the catalogue says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

Settings = Mapping[str, str]

_OF_THE_TOPIC = 1
"""Kafka's number for a setting that was made on the topic itself, not on the broker."""


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

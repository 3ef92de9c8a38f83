"""topics.sh with Kafka's own tool, against the broker."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis.kafka.client import admin
from contracts.catalogue import every_topic
from contracts.customers import CUSTOMER
from oms.prepare.topics import create_topics, topic_settings

ROOT = Path(__file__).parents[3]


ONCE_FOR_EACH_SETTINGS = """#!/bin/bash
# Kafka's tool, which takes a second to start, for the first topic of those that differ in their names alone.
settings=$(sed 's/--topic [^ ]*//' <<<"$*" | cksum | tr ' ' -)
echo >>"$0.called"
[ ! -e "$0.$settings" ] || exit 0
touch "$0.$settings"
exec {tool} "$@"
"""


def test_topics_sh_may_be_run_again(servers: dict[str, str], tmp_path: Path) -> None:
    tool = tmp_path / "kafka-topics"
    tool.write_text(ONCE_FOR_EACH_SETTINGS.format(tool=ROOT / "local" / "kafka-topics"))
    tool.chmod(0o700)

    done = subprocess.run(
        [ROOT / "topics.sh"], env={**os.environ, "KAFKA_TOPICS": str(tool)}, capture_output=True, text=True, timeout=240
    )

    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "kafka-topics.called").read_text().splitlines()) == len(list(every_topic()))


async def test_the_broker_has_the_topics_of_the_catalogue(servers: dict[str, str]) -> None:
    async with admin() as client:
        described = {topic["topic"]: topic for topic in await client.describe_topics()}
        present = await topic_settings(client, [name for name, *_ in every_topic()])

    for name, partitions, settings in every_topic():
        assert len(described[name]["partitions"]) == partitions
        assert present[name] == settings


async def test_settings_of_topics_that_are_there_are_brought_up_to_date(servers: dict[str, str]) -> None:
    old = {"cleanup.policy": "compact", "delete.retention.ms": "1", "segment.bytes": "2000000"}
    async with admin() as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, CUSTOMER.name, old)])

    made, changed = await create_topics()
    again = await create_topics()
    async with admin() as client:
        present = await topic_settings(client, [CUSTOMER.name])
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, CUSTOMER.name, dict(CUSTOMER.settings))])

    assert (made, changed) == ([], ["customer"])
    assert again == ([], [])
    assert present == {"customer": {**CUSTOMER.settings, "segment.bytes": "2000000"}}

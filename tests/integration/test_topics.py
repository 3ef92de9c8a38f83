"""topics.sh with Kafka's own tool, against the broker."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis import addresses
from contracts.catalogue import TOPICS, every_topic

ROOT = Path(__file__).parents[2]


def test_topics_sh_may_be_run_again(servers: dict[str, str]) -> None:
    environ = {**os.environ, "KAFKA_TOPICS": str(ROOT / "local" / "kafka-topics")}

    done = subprocess.run([ROOT / "topics.sh"], env=environ, capture_output=True, text=True, timeout=240)

    assert done.returncode == 0, done.stderr


async def test_the_broker_has_the_topics_of_the_catalogue(servers: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.address("kafka"))
    await admin.start()
    try:
        described = {topic["topic"]: topic for topic in await admin.describe_topics()}
        names = [topic.name for topic in TOPICS]
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    finally:
        await admin.close()

    for name, partitions, _ in every_topic():
        assert len(described[name]["partitions"]) == partitions
    policies = {
        resource[3]: entry[1]
        for answer in answers
        for resource in answer.resources
        for entry in resource[4]
        if entry[0] == "cleanup.policy"
    }
    assert policies == {topic.name: topic.settings["cleanup.policy"] for topic in TOPICS}

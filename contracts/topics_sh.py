"""Prints `topics.sh` from the catalogue: `python -m contracts.topics_sh > topics.sh`."""

from __future__ import annotations

from contracts.catalogue import every_topic

HEAD = """\
#!/bin/sh
# Makes every topic; those that are there already stay as they are (`oms topics create` also brings their settings up to
# date). Printed by `python -m contracts.topics_sh`.
#   OMS_KAFKA_HOST, OMS_KAFKA_PORT   the broker (127.0.0.1, 9092)
#   OMS_PARTITIONS                   of the topics that are shared out by key (3); see docs/partitions.md
#   OMS_REPLICATION_FACTOR           copies of each record (1; 3 on a cluster)
#   KAFKA_TOPICS                     Kafka's own tool (kafka-topics.sh, on the PATH)
set -eu
broker="${OMS_KAFKA_HOST:-127.0.0.1}:${OMS_KAFKA_PORT:-9092}"

topic() {
  name=$1 partitions=$2
  shift 2
  "${KAFKA_TOPICS:-kafka-topics.sh}" --bootstrap-server "$broker" --create --if-not-exists --topic "$name" \\
    --partitions "$partitions" --replication-factor "${OMS_REPLICATION_FACTOR:-1}" "$@"
}
"""


def script() -> str:
    """The whole of `topics.sh`."""
    lines = [
        " ".join(["topic", name, _number(partitions), *(f"--config {key}={value}" for key, value in settings.items())])
        for name, partitions, settings in every_topic()
    ]
    return HEAD + "\n" + "\n".join(lines) + "\n"


def _number(partitions: int) -> str:
    return f'"${{OMS_PARTITIONS:-{partitions}}}"' if partitions > 1 else "1"


if __name__ == "__main__":
    print(script(), end="")

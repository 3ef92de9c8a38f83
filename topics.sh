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
  "${KAFKA_TOPICS:-kafka-topics.sh}" --bootstrap-server "$broker" --create --if-not-exists --topic "$name" \
    --partitions "$partitions" --replication-factor "${OMS_REPLICATION_FACTOR:-1}" "$@"
}

topic customer "${OMS_PARTITIONS:-3}" --config cleanup.policy=compact --config min.compaction.lag.ms=86400000 --config max.compaction.lag.ms=604800000 --config delete.retention.ms=86400000 --config max.message.bytes=9437184
topic address "${OMS_PARTITIONS:-3}" --config cleanup.policy=compact --config min.compaction.lag.ms=86400000 --config max.compaction.lag.ms=604800000 --config delete.retention.ms=86400000 --config max.message.bytes=9437184
topic products "${OMS_PARTITIONS:-3}" --config cleanup.policy=compact --config max.message.bytes=9437184
topic order "${OMS_PARTITIONS:-3}" --config cleanup.policy=compact --config min.compaction.lag.ms=86400000 --config max.compaction.lag.ms=604800000 --config delete.retention.ms=86400000 --config max.message.bytes=9437184
topic order_detail "${OMS_PARTITIONS:-3}" --config cleanup.policy=delete --config retention.ms=-1 --config max.message.bytes=9437184
topic orders-graph "${OMS_PARTITIONS:-3}" --config cleanup.policy=compact --config min.compaction.lag.ms=86400000 --config max.compaction.lag.ms=604800000 --config delete.retention.ms=86400000 --config max.message.bytes=9437184
topic customers_heartbeat 1 --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000
topic products_heartbeat 1 --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000
topic orders_heartbeat 1 --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000
topic products-indexed 1 --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000
topic customer.dead-letters 1 --config cleanup.policy=compact,delete --config retention.ms=2592000000 --config min.compaction.lag.ms=0 --config max.compaction.lag.ms=86400000 --config delete.retention.ms=86400000 --config max.message.bytes=9502720
topic address.dead-letters 1 --config cleanup.policy=compact,delete --config retention.ms=2592000000 --config min.compaction.lag.ms=0 --config max.compaction.lag.ms=86400000 --config delete.retention.ms=86400000 --config max.message.bytes=9502720
topic products.dead-letters 1 --config cleanup.policy=compact --config min.compaction.lag.ms=0 --config max.compaction.lag.ms=86400000 --config delete.retention.ms=86400000 --config max.message.bytes=9502720
topic order.dead-letters 1 --config cleanup.policy=compact,delete --config retention.ms=2592000000 --config min.compaction.lag.ms=0 --config max.compaction.lag.ms=86400000 --config delete.retention.ms=86400000 --config max.message.bytes=9502720
topic order_detail.dead-letters 1 --config cleanup.policy=compact --config min.compaction.lag.ms=0 --config max.compaction.lag.ms=86400000 --config delete.retention.ms=86400000 --config max.message.bytes=9502720
topic customer.replay "${OMS_PARTITIONS:-3}" --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000 --config max.message.bytes=9502720
topic address.replay "${OMS_PARTITIONS:-3}" --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000 --config max.message.bytes=9502720
topic products.replay "${OMS_PARTITIONS:-3}" --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000 --config max.message.bytes=9502720
topic order.replay "${OMS_PARTITIONS:-3}" --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000 --config max.message.bytes=9502720
topic order_detail.replay "${OMS_PARTITIONS:-3}" --config cleanup.policy=delete --config retention.ms=604800000 --config segment.ms=86400000 --config max.message.bytes=9502720

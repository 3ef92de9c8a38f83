"""Settings of the peer: the Kafka Streams application, Kafka Connect and Debezium's JDBC sink, tuned for throughput."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from chassis import addresses
from chassis.settings import postgres

JOINED = "benchmark-joined-orders"
SINK = "joined-orders"
SCHEMA = "kafka_streams"

_COLUMNS = {
    "order_id": "uuid PRIMARY KEY",
    "external_id": "text",
    "customer_id": "uuid NOT NULL",
    "customer_name": "text",
    "customer_last_name": "text",
    "customer_email": "text",
    "customer_company": "text",
    "status": "text NOT NULL",
    "currency": "text NOT NULL",
    "subtotal": "numeric(19, 4) NOT NULL",
    "freight": "numeric(19, 4) NOT NULL",
    "placed_at": "timestamptz NOT NULL",
    "required_at": "timestamptz",
    "shipped_at": "timestamptz",
    "cancelled_at": "timestamptz",
    "cancellation_reason": "text",
    "confirmed_at": "timestamptz",
    "delivered_at": "timestamptz",
    "rejected_at": "timestamptz",
    "rejection_reason": "text",
    "erased_at": "timestamptz",
    "created_at": "timestamptz NOT NULL",
    "updated_at": "timestamptz NOT NULL",
    "delivery_addresses": "jsonb NOT NULL",
    "lines": "jsonb NOT NULL",
    "version": "bigint NOT NULL",
}
"""One row per order with all its lines, and no index but the key: the least work for the sink."""


def columns() -> str:
    """The columns of the table, as SQL."""
    return ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())


def application(state: Path, number: int) -> Mapping[str, str]:
    """A large cache and few commits, so that an order and its lines are joined in memory and published once."""
    return {
        "bootstrap.servers": addresses.address("kafka"),
        "application.id": f"kafka-streams-{number}",
        "joined.topic": JOINED,
        "state.dir": str(state),
        "auto.offset.reset": "earliest",
        "num.stream.threads": "2",
        "commit.interval.ms": "1000",
        "statestore.cache.max.bytes": str(256 * 2**20),
        "replication.factor": "1",
        "producer.linger.ms": "20",
        "producer.batch.size": str(256 * 2**10),
        "producer.acks": "all",
        "topology.optimization": "all",
    }


def connect(plugins: Path, number: int) -> Mapping[str, str]:
    """A Connect process with only the sink."""
    return {
        "bootstrap.servers": addresses.address("kafka"),
        "listeners": addresses.url("connect"),
        "plugin.path": str(plugins),
        "plugin.discovery": "service_load",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        "offset.storage.file.filename": "/dev/null",
        "offset.flush.interval.ms": "5000",
        "group.id": f"sink-{number}",
        "connector.client.config.override.policy": "All",
    }


def sink() -> Mapping[str, str]:
    """Large batches, reduced to one row per order, which the driver writes in multi-row statements."""
    account = postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    schema = {"type": "struct", "fields": [_field(name, kind) for name, kind in _COLUMNS.items()]}
    options = f"currentSchema={SCHEMA}&reWriteBatchedInserts=true&stringtype=unspecified"
    return {
        "name": SINK,
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "tasks.max": "2",
        "topics": JOINED,
        "connection.url": f"jdbc:postgresql://{account.host}:{account.port}/{account.database}?{options}",
        "connection.username": account.user,
        "connection.password": account.password,
        "collection.name.format": f"{SCHEMA}.joined_order",
        "insert.mode": "upsert",
        "primary.key.mode": "record_value",
        "primary.key.fields": "order_id",
        "schema.evolution": "none",
        "use.reduction.buffer": "true",
        "batch.size": "2000",
        "consumer.override.max.poll.records": "2000",
        "consumer.override.auto.offset.reset": "earliest",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "true",
        "value.converter.schema.content": json.dumps(schema),
    }


def _field(name: str, kind: str) -> Mapping[str, object]:
    is_optional = "NOT NULL" not in kind and "PRIMARY KEY" not in kind
    return {"field": name, "type": "int64" if kind.startswith("bigint") else "string", "optional": is_optional}

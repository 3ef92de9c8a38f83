from __future__ import annotations

import pkgutil
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import contracts
from contracts.catalogue import CONSUMED, HEARTBEATS, NOTIFICATIONS, TOPICS
from contracts.heartbeats import SOURCES
from contracts.rows import Row
from contracts.topics import Topic
from contracts.topics_sh import script

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "contracts" / "examples"
ROWS = [topic for topic in CONSUMED if issubclass(topic.message, Row)]


def test_the_topics_are_those_the_outside_knows() -> None:
    assert [topic.name for topic in TOPICS] == [
        "customer",
        "address",
        "category",
        "products",
        "order",
        "order_detail",
        "stock",
        "allocation",
        "receipt",
        "store_heartbeat",
        "availability",
        "sku_availability",
        "reservation",
        "sourcing",
        "store",
        "restock_request",
        "stock_policy",
        "inbound",
        "shipment",
        "order_return",
        "depot",
        "stock_movement",
        "shipping_event",
        "orders-graph",
    ]
    assert {topic.partitions for topic in TOPICS} == {3}


def test_the_catalogue_has_every_topic_of_the_contracts() -> None:
    modules = [import_module(each.name) for each in pkgutil.walk_packages(contracts.__path__, "contracts.")]
    defined = {each.name for module in modules for each in vars(module).values() if isinstance(each, Topic)}

    assert defined == {topic.name for topic in (*TOPICS, *NOTIFICATIONS)}


def test_every_topic_has_one_writer() -> None:
    assert all(topic.writer for topic in TOPICS)
    assert {topic.writer for topic in CONSUMED} == {
        "connect:oms-customers",
        "connect:oms-products",
        "connect:oms-orders",
        "connect:oms-inventory",
        "connect:oms-stores",
        "connect:oms-shipping",
        "orders_stream",
    }


def test_every_row_that_is_consumed_has_a_heartbeat() -> None:
    captured = {topic.name for source in SOURCES for topic in source.topics}

    assert captured == {topic.name for topic in CONSUMED} - {"orders-graph"} | {"stock_movement", "shipping_event"}
    for source in SOURCES:
        assert {topic.writer for topic in source.topics} == {source.heartbeat.writer}


def test_an_order_and_its_lines_have_the_same_key() -> None:
    keys = {topic.name: topic.key for topic in TOPICS}

    assert keys["order"] == keys["order_detail"] == "order_id"


@pytest.mark.parametrize("topic", [*TOPICS, *HEARTBEATS, *NOTIFICATIONS], ids=lambda topic: topic.name)
def test_every_topic_has_examples_that_it_can_read(topic: Topic[Any]) -> None:
    examples = sorted((EXAMPLES / topic.name).glob("*.json"))

    assert examples
    for example in examples:
        message = topic.decoder()(example.read_bytes())
        written = msgspec.json.decode(example.read_bytes())
        assert set(written) >= {field.encode_name for field in msgspec.structs.fields(message) if field.required}


@pytest.mark.parametrize("topic", CONSUMED, ids=lambda topic: topic.name)
def test_a_record_with_a_field_gone_is_refused(topic: Topic[Any]) -> None:
    example = msgspec.json.decode(next((EXAMPLES / topic.name).glob("*.json")).read_bytes())
    del example[topic.identity]

    with pytest.raises(msgspec.MsgspecError):
        topic.decoder()(msgspec.json.encode(example))


@pytest.mark.parametrize("topic", ROWS, ids=lambda topic: topic.name)
def test_a_record_whose_columns_that_may_be_null_are_gone_is_read(topic: Topic[Any]) -> None:
    example = msgspec.json.decode(next((EXAMPLES / topic.name).glob("*.json")).read_bytes())
    nullable = {field.name for field in msgspec.structs.fields(topic.message) if type(None) in get_args(field.type)}

    row = topic.decoder()(msgspec.json.encode({name: each for name, each in example.items() if name not in nullable}))

    assert {getattr(row, name) for name in nullable} <= {None}


@pytest.mark.parametrize("topic", CONSUMED, ids=lambda topic: topic.name)
def test_a_record_with_a_field_more_is_read(topic: Topic[Any]) -> None:
    example = msgspec.json.decode(next((EXAMPLES / topic.name).glob("*.json")).read_bytes())

    assert isinstance(topic.decoder()(msgspec.json.encode({**example, "loyalty": {"level": 3}})), topic.message)


def test_a_deleted_row_is_one_version_after_its_last() -> None:
    [customer] = [topic for topic in TOPICS if topic.name == "customer"]
    changed, deleted = (customer.decoder()((EXAMPLES / "customer" / name).read_bytes()) for name in _STATES)

    assert (changed.is_deleted, changed.newest_version) == (False, 2)
    assert (deleted.is_deleted, deleted.newest_version) == (True, 3)


_STATES = ("changed.json", "deleted.json")


def test_topics_sh_is_what_the_catalogue_prints() -> None:
    assert (ROOT / "topics.sh").read_text() == script(), "run: python -m contracts.topics_sh > topics.sh"


def test_topics_sh_names_each_topic_once() -> None:
    told = subprocess.run(
        ["sh", ROOT / "topics.sh"],
        env={"KAFKA_TOPICS": "echo", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )

    names = re.findall(r"--topic (\S+)", told.stdout.decode())
    assert names == [
        *(topic.name for topic in (*TOPICS, *HEARTBEATS, *NOTIFICATIONS)),
        *(topic.dead_letters for topic in CONSUMED),
        *(topic.replay for topic in CONSUMED),
    ]


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_a_number_that_is_none_is_refused(price: str) -> None:
    example = msgspec.json.decode((EXAMPLES / "products" / "made.json").read_bytes())
    [products] = [topic for topic in TOPICS if topic.name == "products"]

    with pytest.raises(msgspec.MsgspecError):
        products.decoder()(msgspec.json.encode({**example, "price": price}))


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.message.FORMER_NAMES], ids=lambda it: it.name)
def test_records_with_former_column_names_are_read(topic: Topic[Any]) -> None:
    former = {now: before for before, now in topic.message.FORMER_NAMES.items()}
    for example in (EXAMPLES / topic.name).glob("*.json"):
        columns = msgspec.json.decode(example.read_bytes(), type=dict[str, Any])
        renamed = {name: value for name, value in columns.items() if name not in topic.message.FORMER_NAMES}
        old = msgspec.json.encode({former.get(name, name): value for name, value in renamed.items()})

        assert topic.decoder()(old) == topic.decoder()(example.read_bytes())
        with pytest.raises(msgspec.ValidationError):
            topic.decoder()(msgspec.json.encode({name: value for name, value in renamed.items() if name not in former}))

"""How large things may be: said once, true of the largest that REST takes, and known to whatever carries them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import yaml

from connectors.registration import configurations
from contracts import json_text
from contracts.catalogue import CONSUMED, TOPICS, every_topic
from contracts.dead_letters import DeadLetter
from contracts.orders import GraphAddress, GraphCustomer, GraphLine, OrderGraph, OrderStatus, read_addresses
from contracts.sizes import (
    ADDRESSES_BYTES,
    DEAD_LETTER_BYTES,
    MOST_LINES,
    PACKET_BYTES,
    QUEUE_BYTES,
    RECORD_BYTES,
    RECORD_OVERHEAD_BYTES,
    bytes_in_a_row,
)
from contracts.topics import Kind
from customers.models import AddressInput, CustomerInput
from orders.line_models import MOST_UNITS
from orders.placement.rows import TooLarge, as_json
from products.categories import copies, tree
from products.categories.models import NewCategory
from products.categories.tree import Node
from products.models import NewProduct
from tests.support.shop import largest
from tests.support.shop.rows import NOON

ROOT = Path(__file__).parents[2]
REST_OF_AN_ORDERS_ROW = 16 * 1024
ADDED_SINCE = ("recipient", "company", "phone")
"""Members of an address that were added when there was a bound already."""
LETTERS = [*largest.LETTERS.values(), "é"]


@pytest.mark.parametrize(
    ("text", "size"),
    [("x", 1), ("é", 2), ("漢", 3), ("😀", 12), ('"', 2), ("\\", 2), ("\x7f", 1), ("Ünder 😀😀 \\n", 35)],
)
def test_a_letter_takes_what_kafka_connect_writes_of_it(text: str, size: int) -> None:
    assert bytes_in_a_row(text) == size


@pytest.mark.parametrize("letter", LETTERS)
def test_the_addresses_of_an_order_have_a_bound_to_the_byte(letter: str) -> None:
    fits = [largest.as_kept(each) for each in largest.full(ADDRESSES_BYTES, letter)]
    more = [largest.as_kept(each) for each in largest.full(ADDRESSES_BYTES + 1, letter)]

    assert bytes_in_a_row(as_json(fits)) == ADDRESSES_BYTES
    with pytest.raises(TooLarge, match=f"{ADDRESSES_BYTES + 1:,} bytes, .* {ADDRESSES_BYTES:,}") as refusal:
        as_json(more)
    assert [each.pointer for each in refusal.value.violations] == ["#/lines"]


@pytest.mark.parametrize("letter", [each for each in LETTERS if each != "😀"])
def test_full_addresses_for_every_line_are_taken(letter: str) -> None:
    addresses = [largest.as_kept(largest.address(letter))] * MOST_LINES

    assert read_addresses(as_json(addresses)) == addresses


def test_what_was_taken_before_there_was_a_bound_is_captured() -> None:
    known = {name: value for name, value in largest.address("😀").items() if name not in ADDED_SINCE}
    addresses = json_text.to_json_text([largest.as_kept(known)] * MOST_LINES)

    assert ADDRESSES_BYTES < bytes_in_a_row(addresses) + REST_OF_AN_ORDERS_ROW <= RECORD_BYTES


def test_the_rest_of_an_orders_row_is_small() -> None:
    external_id, reasons = "😀" * 100, "😀" * largest.LINE * 2
    names = "".join(ORDER_ROW_FIELDS)

    others = len(names) + 50 * len(ORDER_ROW_FIELDS)
    assert bytes_in_a_row(external_id + reasons) + others + ADDRESSES_BYTES <= ADDRESSES_BYTES + REST_OF_AN_ORDERS_ROW
    assert ADDRESSES_BYTES + REST_OF_AN_ORDERS_ROW <= RECORD_BYTES


@pytest.mark.parametrize("letter", LETTERS)
def test_every_other_row_is_far_smaller(letter: str) -> None:
    categories = largest.categories(letter)
    nodes = {each["slug"]: Node(each["name"], each["parent"]) for each in categories}
    product = NewProduct.model_validate(largest.product(letter, categories))
    rows = [
        CustomerInput.model_validate(largest.customer(letter)).model_dump(),
        AddressInput.model_validate(largest.address(letter)).model_dump(),
        NewCategory.model_validate(categories[-1]).model_dump(),
        product.model_dump() | {"categories": copies.encode(tree.copies(product.categories, nodes))},
    ]

    for row in rows:
        columns = {name: str(value) for name, value in row.items()}
        assert sum(bytes_in_a_row(text) + len(name) + 10 for name, text in columns.items()) < RECORD_BYTES / 10


@pytest.mark.parametrize("letter", [*LETTERS, "\x01"])
def test_the_document_of_the_largest_order_fits_with_its_customer(letter: str) -> None:
    place = {name: getattr(largest.as_kept(largest.address(letter)), name) for name in GraphAddress.__struct_fields__}
    person = largest.customer(letter)
    order = OrderGraph(
        **dict.fromkeys(OrderGraph.__struct_fields__, NOON)
        | _of_an_order(letter)
        | {
            "customer": GraphCustomer(
                id=UUID(int=1),
                name=person["name"],
                last_name=person["lastName"],
                email=person["email"],
                company=person["company"],
            ),
            "lines": [
                GraphLine(
                    id=UUID(int=number),
                    line_number=number,
                    sku=letter * 64,
                    product_name=letter * largest.LINE,
                    quantity=MOST_UNITS,
                    unit_price=10**12,  # type: ignore[arg-type]
                    discount="0.1234",  # type: ignore[arg-type]
                    amount=10**15,  # type: ignore[arg-type]
                    delivery_address_id=UUID(int=number),
                    delivery_address=GraphAddress(**place),
                )
                for number in range(MOST_LINES)
            ],
        }
    )

    document = msgspec.json.encode(order)

    assert len(document) + RECORD_OVERHEAD_BYTES + 64 <= RECORD_BYTES


def test_a_dead_letter_of_the_largest_record_fits() -> None:
    letter = DeadLetter("x" * 50, "x" * 50, 10**6, 10**18, b"x" * 300, 10**14, "😀" * 10_000, "😀" * 100_000)

    headers = sum(len(name) + len(value) + 10 for name, value in letter.headers())

    assert RECORD_BYTES + headers + len(letter.identity) + RECORD_OVERHEAD_BYTES <= DEAD_LETTER_BYTES


def test_every_topic_takes_the_largest_record() -> None:
    sizes = {name: settings.get("max.message.bytes") for name, _, settings in every_topic()}

    kept = [topic for topic in TOPICS if topic.kind is not Kind.PASSING]
    assert {sizes[topic.name] for topic in kept} == {str(RECORD_BYTES)}
    assert {sizes[name] for topic in CONSUMED for name in (topic.dead_letters, topic.replay)} == {
        str(DEAD_LETTER_BYTES)
    }


def test_every_connector_sends_the_largest_record() -> None:
    for name, configuration in configurations().items():
        assert configuration["producer.override.max.request.size"] == str(RECORD_BYTES), name
        assert configuration["max.queue.size.in.bytes"] == str(QUEUE_BYTES), name
    connect = (ROOT / "local" / "conf" / "connect.properties").read_text()
    assert "connector.client.config.override.policy=All\n" in connect


def test_every_producer_and_reader_of_ours_knows_the_sizes() -> None:
    """Each says a size; those that only look for offsets read no record."""
    for file, call in _calls("AIOKafkaProducer"):
        assert "max_request_size=" in call, file
    for file, call in _calls("Consumer"):
        if file.name not in ("offsets.py", "rewind.py"):
            assert "max_partition_fetch_bytes=" in call, file
    worker = (ROOT / "chassis" / "kafka" / "worker.py").read_text()
    assert "producer_max_request_size=DEAD_LETTER_BYTES" in worker
    assert "consumer_max_fetch_size=FETCH_BYTES" in worker


def test_mysql_takes_the_packet_of_the_largest_order() -> None:
    """An order comes with its lines and its kept answer, quotes and backslashes escaped once more."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["mysql"]["command"]
    mariadb = (ROOT / "local" / "conf" / "mariadb.cnf").read_text()

    assert f"--max-allowed-packet={PACKET_BYTES}" in compose
    assert f"max-allowed-packet={PACKET_BYTES}\n" in mariadb
    assert PACKET_BYTES > 4 * ADDRESSES_BYTES


ORDER_ROW_FIELDS = [field for topic in TOPICS if topic.name == "order" for field in topic.message.__struct_fields__]


def _of_an_order(letter: str) -> dict[str, Any]:
    reason = letter * largest.LINE
    return {
        "id": UUID(int=1),
        "version": 10**9,
        "deleted": False,
        "status": OrderStatus.CANCELLED,
        "currency": "USD",
        "subtotal": 10**15,
        "freight": 10**15,
        "external_id": letter * 100,
        "cancellation_reason": reason,
        "rejection_reason": reason,
        "customer_id": UUID(int=1),
    }


def _calls(name: str) -> Iterator[tuple[Path, str]]:
    """Where our processes and commands make such a client, and with what."""
    for folder in ("chassis", "connectors", "gateway", "oms", "orders", "orders_stream", "products", "reconciliation"):
        for file in (ROOT / folder).rglob("*.py"):
            for call in re.findall(rf"\b{name}\((.*?)^\s*\)", file.read_text(), re.DOTALL | re.MULTILINE):
                yield file, call

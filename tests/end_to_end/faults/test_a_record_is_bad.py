"""A record that nobody can use is set aside with its reason; those behind it go through; it may be tried again."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from chassis import addresses
from contracts.customers import CUSTOMER
from contracts.sizes import RECORD_BYTES
from oms.inspect.dead_letters import OpenLetter, open_letters
from oms.main import app
from orders_stream.settings import read_model
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, client, graphql
from tests.support.views.comparison import assert_views_equal_mysql

RUBBISH = [
    b"not json",
    b'{"customer_id": "7"}',
    b"\xff\xfe",
    b'{"__source_ts_ms": 99999999999999999}',
    b'{"deep": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"x" * (RECORD_BYTES - 500),
]


@pytest.fixture(autouse=True)
async def _nothing_is_open_afterwards() -> AsyncIterator[None]:
    yield
    await oms("drop", "--topic", "customer", "--yes")


async def oms(*command: str) -> tuple[int, str]:
    """`oms dead-letters …`: its exit code and what it printed, in one line."""
    # So wide that no column is folded, whatever reasons the other open letters have.
    result = await to_thread(CliRunner(env={"COLUMNS": "2000"}).invoke, app, ["dead-letters", *command])
    return result.exit_code, " ".join(result.output.split())


async def test_it_goes_to_the_dead_letters_and_the_stream_goes_on() -> None:
    key = uuid4().hex.encode()
    await _send(key, RUBBISH)

    customer = await a_customer(name="Behind the rubbish")

    await eventually(lambda: _is_shown(customer["id"], "Behind the rubbish"))
    aside = await eventually(lambda: _set_aside(key, len(RUBBISH) * len(CUSTOMER.readers)))
    assert {each.value for each in aside} == set(RUBBISH)
    assert {each.letter.consumer for each in aside} == set(CUSTOMER.readers)
    assert {each.letter.attempts for each in aside} == {1}
    assert all("Traceback" in each.letter.trace for each in aside)
    replayed = await oms("replay", "--topic", "customer")
    assert replayed[1].count("failed again") == len(aside)
    await eventually(lambda: _metric_says("orders_stream", len(RUBBISH)))
    await eventually(assert_views_equal_mysql)


async def test_what_is_still_bad_comes_back_and_can_be_dropped() -> None:
    key = uuid4().hex.encode()
    await _send(key, [b"\x1b[2J not json"])
    aside = await eventually(lambda: _set_aside(key, len(CUSTOMER.readers)))
    [ours] = [each for each in aside if each.letter.consumer == "orders_stream"]
    identity = ours.letter.identity

    listed = await oms("list", "--topic", "customer")
    shown = await oms("show", identity)
    replayed = await oms("replay", identity)
    [again] = [each for each in await _set_aside(key, len(CUSTOMER.readers)) if each.letter.identity == identity]
    refused = await oms("drop", identity)
    dropped = await oms("drop", identity, "--yes")
    gone = await oms("show", identity)

    assert listed[0] == 0
    assert re.search(f"{identity} .* {key.decode()} 1 DecodeError", listed[1])
    assert shown[0] == 0
    assert "Traceback (most recent call last)" in shown[1]
    assert "value \\x1b[2J not json" in shown[1]
    assert replayed[0] == 1
    assert f"failed again: {identity} (attempt 2)" in replayed[1]
    assert again.letter == _with(ours, attempts=2, trace=again.letter.trace)
    assert refused[0] == 1
    assert dropped == (0, "dropped 1 dead letter")
    assert gone == (1, f"no open dead letter has this identity: {identity}")


async def test_once_it_is_mended_it_is_replayed_and_newer_versions_stay() -> None:
    async with _the_read_model_refuses("Refused"):
        first = await a_customer(name="Refused")
        second = await a_customer(name="Refused")
        await eventually(lambda: _open_of(first["id"], second["id"]))
        await _rename(second["id"], "Renamed")
        await eventually(lambda: _is_shown(second["id"], "Renamed"))
        still = await oms("replay", "--topic", "customer")

    replayed = await oms("replay", "--topic", "customer")

    assert still[0] == 1
    assert still[1].count("(attempt 2): CheckViolationError") == 2
    assert replayed == (0, "2 replayed and closed")
    await eventually(lambda: _is_shown(first["id"], "Refused"))
    await _is_shown(second["id"], "Renamed")
    assert await oms("list") == (0, "no dead letters are open")
    assert await oms("drop", "--all") == (1, "no dead letters are open")
    await eventually(lambda: _metric_says("orders_stream", 0))
    await eventually(assert_views_equal_mysql)


async def test_a_question_that_has_no_answer_is_one_clear_line() -> None:
    assert (await oms("list", "--topic", "custom"))[1].startswith("no worker reads topic custom; topics are customer,")
    assert await oms("replay") == (1, "select dead letters by IDENTITY…, --topic TOPIC or --all")
    assert await oms("replay", "a/b/1/2") == (1, "no open dead letter has this identity: a/b/1/2")


def _with(found: OpenLetter, **changes: Any) -> Any:
    return replace(found.letter, **changes)


async def _send(key: bytes, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"), max_request_size=RECORD_BYTES)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(CUSTOMER.name, value, key=key)
    finally:
        await producer.stop()


async def _set_aside(key: bytes, count: int) -> list[OpenLetter]:
    """The open letters of records with this key, of each reader of the topic, once all of them are there."""
    found = [each for each in await open_letters([CUSTOMER]) if each.letter.key == key]
    assert len(found) == count
    return sorted(found, key=lambda each: each.letter.consumer, reverse=True)


async def _open_of(*customer_ids: str) -> None:
    keys = [each.letter.key or b"" for each in await open_letters([CUSTOMER])]
    assert all(any(customer_id.encode() in key for key in keys) for customer_id in customer_ids)


@asynccontextmanager
async def _the_read_model_refuses(name: str) -> AsyncIterator[None]:
    database = read_model()
    try:
        async with database.connection() as connection:
            await connection.execute(f"ALTER TABLE customer ADD CONSTRAINT refused CHECK (name <> '{name}') NOT VALID")
        yield
        async with database.connection() as connection:
            await connection.execute("ALTER TABLE customer DROP CONSTRAINT refused")
    finally:
        await database.close()


async def _rename(customer_id: str, name: str) -> None:
    async with client("customers") as http:
        current = await http.get(f"/customers/{customer_id}")
        changed = await http.patch(
            f"/customers/{customer_id}",
            json={"name": name},
            headers={"If-Match": current.headers["ETag"], "Content-Type": "application/merge-patch+json"},
        )
    assert changed.status_code == 200, changed.text


async def _is_shown(customer_id: str, name: str) -> None:
    shown = await graphql("query ($id: ID!) { customer(id: $id) { name } }", id=customer_id)
    assert shown["customer"] == {"name": name}


async def _metric_says(consumer: str, count: int) -> None:
    async with client("connectors") as http:
        metrics = (await http.get("/metrics")).text
    assert f'oms_dead_letters_open{{consumer="{consumer}",topic="customer"}} {count}.0' in metrics

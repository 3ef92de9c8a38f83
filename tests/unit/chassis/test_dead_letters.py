"""A dead letter says all of its record, keeps its identity however often it fails, and never harms a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from chassis.chunks.batch import Batch
from chassis.chunks.chunk import Chunk
from chassis.chunks.dead_letters import letter_of
from chassis.chunks.handling import BadRecord
from chassis.chunks.reading import each_chunk
from contracts.dead_letters import MAX_TRACE, DeadLetter, read_letter
from contracts.orders import ORDER
from oms.repair.dead_letters_output import pretty, printable
from tests.support.aside import Aside
from tests.support.shop.rows import a_record, an_order

LETTER = DeadLetter(
    consumer="orders_stream",
    topic="order",
    partition=2,
    offset=17,
    key=b'{"order_id":"7"}',
    timestamp_ms=1_795_410_000_000,
    reason="ValueError: not like that",
    trace="Traceback …",
    attempts=3,
)


class Owner:
    """Counts the chunks that are done."""

    done = 0

    def chunk_done(self, chunk: Chunk) -> None:
        self.done += 1

    def is_in_flight(self, chunk: Chunk) -> bool:
        return True


def replayed(letter: DeadLetter, value: bytes, offset: int) -> ConsumerRecord:
    record = a_record(ORDER.replay, value, offset)
    record.headers = tuple(letter.headers())
    return record


def a_value(**changes: Any) -> bytes:
    return msgspec.json.encode(an_order(**changes))


async def read(records: Sequence[ConsumerRecord], bad_versions: set[int]) -> tuple[Aside, list[int], int]:
    """What became of one chunk: what was set aside and closed, the versions that were handled, the chunks done."""
    aside, owner, handled = Aside(), Owner(), list[int]()

    async def handle(batch: Batch) -> None:
        versions = [row.version for row in batch.newest(ORDER)]
        if bad_versions & set(versions):
            raise BadRecord("not like that")
        handled.extend(versions)

    async def stream() -> AsyncIterator[Chunk]:
        yield Chunk(TP(records[0].topic, 0), records, records[-1].offset + 1, owner)

    await each_chunk(stream(), topics=[ORDER], handle=handle, dead_letters=aside)
    return aside, handled, owner.done


@pytest.mark.parametrize("key", [None, b"", b"\xff", b'{"order_id":"7"}'])
def test_a_letter_is_read_as_it_was_written(key: bytes | None) -> None:
    letter = replace(LETTER, key=key)

    assert read_letter(letter.headers()) == letter
    assert letter.identity == "orders_stream/order/2/17"


def test_a_letter_stays_small_and_is_written_whatever_the_reason_says() -> None:
    letter = replace(LETTER, reason="\ud800" * 1000, trace="x" * 20_000 + "the end")

    headers = dict(letter.headers())

    assert len(headers["trace"]) == MAX_TRACE
    assert headers["trace"].endswith(b"the end")
    assert headers["reason"].decode().startswith("\\ud800")


@pytest.mark.parametrize("headers", [[], [("consumer", b"orders_stream")], [*LETTER.headers(), ("attempts", b"many")]])
def test_what_is_no_letter_is_not_taken_for_one(headers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ValueError, match=r"header|invalid"):
        read_letter(headers)


def test_the_letter_of_a_record_says_where_it_was_and_why_with_the_trace() -> None:
    try:
        raise BadRecord("not like that")
    except BadRecord as error:
        letter = letter_of(ORDER, a_record("order", offset=41), "orders_stream", error)

    assert (letter.identity, letter.attempts) == ("orders_stream/order/0/41", 1)
    assert letter.reason == "BadRecord: not like that"
    assert "test_dead_letters.py" in letter.trace


async def test_what_was_replayed_is_handled_as_if_it_had_come_on_its_topic_and_closed() -> None:
    aside, handled, done = await read([replayed(LETTER, a_value(version=5), 8)], bad_versions=set())

    assert handled == [5]
    assert aside.closed == ["order.replay/0@8"]
    assert (aside.letters, done) == ([], 1)


@pytest.mark.parametrize("value", [b"not json", a_value(version=13)])
async def test_what_is_still_bad_comes_back_under_its_identity_with_one_attempt_more(value: bytes) -> None:
    records = [replayed(LETTER, value, 8), replayed(replace(LETTER, offset=18), a_value(version=5), 9)]

    aside, handled, _ = await read(records, bad_versions={13})

    assert [(letter.identity, letter.attempts) for letter in aside.letters] == [("orders_stream/order/2/17", 4)]
    assert (aside.letters[0].key, aside.letters[0].timestamp_ms) == (LETTER.key, LETTER.timestamp_ms)
    assert (handled, aside.closed) == ([5], ["order.replay/0@9"])


async def test_what_was_replayed_for_another_consumer_is_passed_over() -> None:
    stranger = a_record(ORDER.replay, a_value(), 9)

    aside, handled, done = await read([replayed(replace(LETTER, consumer="orders"), a_value(), 8), stranger], set())

    assert (handled, aside.letters, aside.closed, done) == ([], [], [], 1)


async def test_a_record_on_the_topic_itself_closes_nothing() -> None:
    record = a_record("order", a_value(version=5), 8)
    record.headers = tuple(LETTER.headers())

    aside, handled, _ = await read([record], bad_versions=set())

    assert (handled, aside.closed) == ([5], [])


def test_a_value_is_shown_as_json_or_spelt_out() -> None:
    assert pretty('{"name":"Crème"}'.encode()) == '{\n  "name": "Crème"\n}'
    assert pretty(b"\xffnot json") == "\\xffnot json"
    assert pretty(b"[" * 100_000).startswith("[[")


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x9b\u202e\nc") == "a\\x1b[2Jb\\x9b\\u202e\nc"

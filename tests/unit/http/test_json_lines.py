"""JSON lines from a stream: what a line is, however the stream is torn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.bulk.json_lines import Line, Splitter, batches, cut
from chassis.http.errors.problems import Problem


def split(*parts: bytes, most_bytes: int = 100) -> list[tuple[int, bytes | None]]:
    splitter = Splitter(most_bytes)
    lines = [line for part in parts for line in splitter.feed(part)] + list(splitter.end())
    return [(line.number, line.text) for line in lines]


@pytest.mark.parametrize("size", range(1, 12))
def test_lines_are_the_same_however_the_stream_is_torn(size: int) -> None:
    stream = '{"a": "ä"}\r\n\n  \n{"b": 2}\n{"c": 3}'.encode()
    parts = [stream[start : start + size] for start in range(0, len(stream), size)]

    assert split(*parts) == [(1, '{"a": "ä"}'.encode()), (4, b'{"b": 2}'), (5, b'{"c": 3}')]


def test_a_byte_order_mark_is_passed_at_the_start_and_nowhere_else() -> None:
    assert split(b"\xef\xbb\xbf1\n\xef\xbb\xbf2\n") == [(1, b"1"), (2, b"\xef\xbb\xbf2")]
    assert split(b"\xef\xbb", b"\xbf\n", b"2") == [(2, b"2")]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_line_that_is_too_long_is_one_refusal_and_is_not_held(size: int) -> None:
    stream = b"x" * 100 + b"\n" + b"y" * 101 + b"\n" + b"z" * 500

    splitter = Splitter(100)
    lines: list[Line] = []
    for start in range(0, len(stream), size):
        lines += splitter.feed(stream[start : start + size])
        assert len(splitter._incomplete) <= 100
    lines += splitter.end()

    assert [(line.number, line.text) for line in lines] == [(1, b"x" * 100), (2, None), (3, None)]


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        (None, 413, "body-too-large"),
        (b'{"name": "\xff"}', 400, "bad-request"),
        (b"{", 400, "not-json"),
        (b"[" * 100_000, 400, "not-json"),
        (b"1" * 5000, 400, "bad-request"),
        (b'"\0"', 400, "not-json"),
        (b"\xef\xbb\xbf{}", 400, "not-json"),
        ("{}".encode("utf-16-le"), 400, "not-json"),
    ],
)
def test_what_is_not_json_in_utf_8_is_a_problem(text: bytes | None, status: int, kind: str) -> None:
    with pytest.raises(Problem) as refused:
        Line(1, text).value()

    assert (refused.value.status, refused.value.kind) == (status, kind)


def test_a_batch_is_full_at_so_many_lines_or_bytes() -> None:
    lines = [Line(number, b"x" * 10) for number in range(1, 8)]

    assert [len(batch) for batch in cut(lines, most_lines=3)] == [3, 3, 1]
    assert [len(batch) for batch in cut(lines, most_bytes=25)] == [3, 3, 1]


async def test_what_has_come_is_a_batch_before_the_next_part_is_read() -> None:
    seen: list[Any] = []

    async def stream() -> AsyncIterator[bytes]:
        for part in (b"1\n2\n3", b"\n", b"4"):
            seen.append(part)
            yield part

    async for batch in batches(Splitter(), stream()):
        seen.append([line.number for line in batch])

    assert seen == [b"1\n2\n3", [1, 2], b"\n", [3], b"4", [4]]


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        (b'{"a": %s}' % (b"9" * 5000), "bad-request", "A number in the line has too many digits."),
        (b'{"a": NaN}', "not-json", "The line is not valid JSON."),
        (b'{"a": 9', "not-json", "The line is not valid JSON."),
    ],
)
def test_the_problem_of_a_line_says_what_is_wrong(text: bytes, kind: str, detail: str) -> None:
    with pytest.raises(Problem) as raised:
        Line(1, text).value()

    assert (raised.value.status, raised.value.kind, raised.value.detail) == (400, kind, detail)

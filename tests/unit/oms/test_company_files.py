"""Reading files line by line: what is wrong is told with its place, the rest is read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from oms.company.files import LineError, count_lines, entries


class Thing(msgspec.Struct):
    name: str


class Part(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    things: list[Part] = []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "things.jsonl"


def read(file: Path) -> tuple[list[str], list[str]]:
    faults: list[LineError] = []
    found = [f"{place} {thing.name}" for place, thing in entries(file, Thing, lambda thing: thing.name, faults.append)]
    return found, [str(fault) for fault in faults]


def test_a_wrong_line_is_told_with_its_place_and_the_rest_is_read(file: Path) -> None:
    file.write_bytes(b'{"name": "a"}\n{"nam": "b"}\nnot json\n{"name": "\xff"}\n{"name": "d"}')

    found, faults = read(file)

    assert found == ["things.jsonl:1 a", "things.jsonl:5 d"]
    assert [fault.split(": ")[0] for fault in faults] == ["things.jsonl:2", "things.jsonl:3", "things.jsonl:4"]
    assert "missing required field `name`" in faults[0]


def test_a_member_that_is_unknown_or_wrong_is_told_with_its_pointer(file: Path) -> None:
    file.write_text('{"thngs": []}\n{"things": [{}, {"nam": "b"}]}\n{"things": [{"name": 5}]}\n')
    faults: list[LineError] = []

    assert not list(entries(file, Whole, id, faults.append))

    assert [str(fault) for fault in faults] == [
        "things.jsonl:1: #/thngs is not a member of this line",
        "things.jsonl:2: #/things/1/nam is not a member of this line",
        "things.jsonl:3: #/things/0/name Expected `str`, got `int`",
    ]


def test_a_second_line_with_the_same_key_is_told(file: Path) -> None:
    file.write_text('{"name": "a"}\n{"name": "b"}\n{"name": "a"}\n')

    assert read(file) == (["things.jsonl:1 a", "things.jsonl:2 b"], ["things.jsonl:3: a is in line 1 already"])


def test_empty_lines_other_line_ends_and_a_byte_order_mark_are_no_fault(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{"name": "a"}\r\n\r\n{"name": "b"}\r\n\n')

    assert read(file) == (["things.jsonl:1 a", "things.jsonl:3 b"], [])
    assert count_lines(file) == 2

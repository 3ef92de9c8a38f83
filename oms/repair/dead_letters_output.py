"""Prints dead letters. Their content is untrusted, so control characters are escaped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from rich import box
from rich.table import Table
from rich.text import Text

from oms.inspect.dead_letters import OpenLetter
from oms.terminal import at, console


def table_of_letters(letters: Sequence[OpenLetter]) -> Table:
    """A table with a row for each letter."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("identity", "set aside (UTC)", "key", "attempts", "reason"):
        table.add_column(column, overflow="fold", no_wrap=column == "identity")
    for each in letters:
        letter = each.letter
        cells = (letter.identity, at(each.set_aside_at), as_text(letter.key), str(letter.attempts), letter.reason)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def print_letter(found: OpenLetter) -> None:
    """Print one letter in full."""
    letter = found.letter
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in {
        "identity": letter.identity,
        "set aside by": letter.consumer,
        "record": f"{letter.topic}/{letter.partition}@{letter.offset}",
        "record's time": f"{at(_time(letter.timestamp_ms))} UTC",
        "key": as_text(letter.key),
        "set aside": f"{at(found.set_aside_at)} UTC",
        "attempts": str(letter.attempts),
        "reason": letter.reason,
    }.items():
        table.add_row(f"[bold]{name}[/bold]", Text(printable(value)))
    console.print(table)
    for title, text in (("traceback", letter.trace.rstrip()), ("value", pretty(found.value))):
        console.print(f"\n[bold]{title}[/bold]")
        console.print(Text(printable(text)), soft_wrap=True)


def pretty(value: bytes) -> str:
    """Indented JSON; anything else as text, with invalid bytes escaped."""
    try:
        return json.dumps(json.loads(value), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return as_text(value)


def as_text(value: bytes | None) -> str:
    """Bytes as text, with invalid ones escaped; a dash for None."""
    return "–" if value is None else value.decode(errors="backslashreplace")


def printable(text: str) -> str:
    r"""The text with control characters such as `\x1b` escaped; line breaks are kept."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text
    )


def _time(timestamp_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""The export of a company into a folder, in the form that the import reads.

A file is written beside its name, as `.part`, and all get their names once all are whole. So an export that was cut is
simply begun again: each `.part` is gone on with after its last whole line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from oms.company.bulk import everything
from oms.company.importing import CUSTOMERS, ORDERS, PRODUCTS
from oms.company.lines import customer_line, order_line, product_line
from oms.company.northwind import Body
from oms.company.rest import Rest


@dataclass(frozen=True)
class Kind:
    """One file of a company: where its lines come from, and how one is told from another, there and in the file."""

    file: str
    service: str
    path: str
    key: Callable[[Body], str]
    line: Callable[[Body], Body]
    line_key: Callable[[Body], str]
    parameters: Mapping[str, str] = field(default_factory=dict)


KINDS = (
    Kind(
        ORDERS,
        "orders",
        "/orders/bulk",
        key=lambda shown: str(shown["id"]),
        line=order_line,
        line_key=lambda line: str(line["id"]),
        parameters={"complete": "true"},
    ),
    Kind(
        PRODUCTS,
        "products",
        "/products/bulk",
        key=lambda shown: str(shown["sku"]),
        line=product_line,
        line_key=lambda line: str(line["sku"]),
    ),
    Kind(
        CUSTOMERS,
        "customers",
        "/customers/bulk",
        key=lambda shown: str(shown["exported"]["id"]),
        line=customer_line,
        line_key=lambda line: str(line["externalId"]),
    ),
)
"""Orders come first, so that each has its customer in the files, also where customers are new meanwhile."""


async def export_company(
    folder: Path, rest: Rest, on_lines: Callable[[str, int], None], on_whole: Callable[[str], None]
) -> None:
    """Export all there is. Raises Away; the next export goes on from there.

    `on_lines` hears how many more lines a file has, and `on_whole` when it has them all.
    """
    for kind in KINDS:
        await _export(kind, part_of(folder, kind), rest, on_lines)
        on_whole(kind.file)
    for kind in KINDS:
        part_of(folder, kind).replace(folder / kind.file)


def part_of(folder: Path, kind: Kind) -> Path:
    """The file while it is being written."""
    return folder / f"{kind.file}.part"


async def _export(kind: Kind, part: Path, rest: Rest, on_lines: Callable[[str, int], None]) -> None:
    with part.open("ab+") as file:
        lines, last, end = whole_lines(part)
        file.truncate(end)
        on_lines(kind.file, lines)
        after = kind.line_key(orjson.loads(last)) if last else None
        async for shown in everything(rest, kind.service, kind.path, kind.key, after, **kind.parameters):
            file.write(orjson.dumps(kind.line(shown), option=orjson.OPT_APPEND_NEWLINE))
            on_lines(kind.file, 1)
        file.flush()
        os.fsync(file.fileno())


def whole_lines(part: Path) -> tuple[int, bytes, int]:
    """How many whole lines a file has, the last one, and where that ends. What follows was torn."""
    count, last, end = 0, b"", 0
    with part.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break
            count, last, end = count + 1, line, end + len(line)
    return count, last, end

"""Exports a company into a folder, in the format that the import reads.

Each file is written as `.part`; all are renamed once all are complete. An interrupted export is simply run again: it
continues each `.part` after its last complete line; those of stores and stock begin anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import orjson

from oms.company.bulk import exported_objects
from oms.company.exporting.stock_export import STOCK_FILES, export_stock, export_stores
from oms.company.importing.import_state import CATEGORIES, CUSTOMERS, ORDERS, PRODUCTS, STOCK, STORES
from oms.company.lines.base import Body
from oms.company.lines.categories import category_line
from oms.company.lines.customers import customer_line
from oms.company.lines.orders import order_line
from oms.company.lines.products import product_line
from oms.company.rest import Rest


@dataclass(frozen=True)
class ExportFile:
    """One file of a company: where its lines come from, and the key of a line, in the service and in the file."""

    file: str
    service: str
    path: str
    key: Callable[[Body], str]
    line: Callable[[Body], Body]
    line_key: Callable[[Body], str]
    parameters: Mapping[str, str] = field(default_factory=dict)


EXPORT_FILES = (
    ExportFile(
        ORDERS,
        "orders",
        "/orders/bulk",
        key=lambda exported: str(exported["id"]),
        line=order_line,
        line_key=lambda line: str(line["id"]),
        parameters={"complete": "true"},
    ),
    ExportFile(
        PRODUCTS,
        "products",
        "/products/bulk",
        key=lambda exported: str(exported["sku"]),
        line=product_line,
        line_key=lambda line: str(line["sku"]),
    ),
    ExportFile(
        CATEGORIES,
        "products",
        "/categories/bulk",
        key=lambda exported: str(exported["slug"]),
        line=category_line,
        line_key=lambda line: str(line["slug"]),
    ),
    ExportFile(
        CUSTOMERS,
        "customers",
        "/customers/bulk",
        key=lambda exported: str(exported["exported"]["id"]),
        line=customer_line,
        line_key=lambda line: str(line["externalId"]),
    ),
)
"""Orders come before customers and products before categories, so that the files have what each line refers to, also if
it is created during the export."""

ALL_FILES = (*(each.file for each in EXPORT_FILES), *STOCK_FILES)


async def export_company(
    folder: Path,
    rest: Rest,
    on_lines: Callable[[str, int], None],
    on_complete: Callable[[str], None],
    on_skip: Callable[[str], None],
) -> None:
    """Export everything. Raises ServiceUnavailable after the timeout; run it again to continue.

    `on_lines` is called with the number of lines added to a file, `on_complete` when a file has all, and
    `on_skip` with each store that has never been started, whose stock is left out.
    """
    for export in EXPORT_FILES:
        await _export(export, part_of(folder, export.file), rest, on_lines)
        on_complete(export.file)
    stores = await export_stores(part_of(folder, STORES), rest, partial(on_lines, STORES, 1))
    on_complete(STORES)
    await export_stock(part_of(folder, STOCK), rest, stores, partial(on_lines, STOCK, 1), on_skip)
    on_complete(STOCK)
    for file in ALL_FILES:
        part_of(folder, file).replace(folder / file)


def part_of(folder: Path, file: str) -> Path:
    """The file while it is being written."""
    return folder / f"{file}.part"


async def _export(export: ExportFile, part: Path, rest: Rest, on_lines: Callable[[str, int], None]) -> None:
    with part.open("ab+") as file:
        lines, last, end = complete_lines(part)
        file.truncate(end)
        on_lines(export.file, lines)
        after = export.line_key(orjson.loads(last)) if last else None
        async for exported in exported_objects(
            rest, export.service, export.path, export.key, after, **export.parameters
        ):
            file.write(orjson.dumps(export.line(exported), option=orjson.OPT_APPEND_NEWLINE))
            on_lines(export.file, 1)
        file.flush()
        os.fsync(file.fileno())


def complete_lines(part: Path) -> tuple[int, bytes, int]:
    """The number of complete lines of a file, the last of them, and its end. What follows was cut off."""
    count, last, end = 0, b"", 0
    with part.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break
            count, last, end = count + 1, line, end + len(line)
    return count, last, end

"""`oms export FOLDER`: exports a company through the REST services into files that `oms import` reads."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.exporting.company_export import ALL_FILES, export_company
from oms.company.exporting.folder_lock import FolderInUse, interrupted_at, locked
from oms.company.rest import rest
from oms.company.retries import import_timeout
from oms.terminal import at, bad, console, fail, good, waiting_line

Folder = Annotated[Path, typer.Argument(file_okay=False, help="Folder for the files; created if missing.")]


def export_folder(folder: Folder) -> None:
    """Export a company to files: catalogue, stores, stock, customers, orders. Run it again to resume."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder):
            if since := interrupted_at(folder):
                console.print(
                    f"resuming the export that was interrupted at {at(since)} UTC; its lines stay as they were then"
                    " (delete *.part to begin anew)",
                    soft_wrap=True,
                )
            lines = asyncio.run(export_with_bars(folder))
    except FolderInUse as error:
        raise fail(f"{error}. Wait for its end, or choose another folder.") from None
    except (ServiceUnavailable, RequestRefused) as error:
        raise fail(f"{error}. Run the same command again to resume.") from None
    for file, count in lines.items():
        console.print(f"{file:<16} {count} lines")
    console.print(good(f"exported everything to {folder}"))


async def export_with_bars(folder: Path) -> dict[str, int]:
    """Export a company with a progress bar for each file. Returns the lines of each. Raises ServiceUnavailable."""
    columns = TextColumn("{task.description:<16}"), BarColumn(), TaskProgressColumn(show_speed=True)
    lines = dict.fromkeys(ALL_FILES, 0)
    with Progress(*columns, TextColumn("{task.completed} lines"), TimeElapsedColumn(), console=console) as progress:
        bars = {file: progress.add_task(file, total=None, start=False) for file in lines}

        def on_lines(file: str, count: int) -> None:
            lines[file] += count
            progress.start_task(bars[file])
            progress.advance(bars[file], count)

        def on_complete(file: str) -> None:
            progress.update(bars[file], total=lines[file])

        def on_skip(store_id: str) -> None:
            progress.console.print(bad(f"{store_id} was never started: it has no stock to export"), soft_wrap=True)

        async with rest(import_timeout(waiting_line(progress))) as services:
            await export_company(folder, services, on_lines, on_complete, on_skip)
    return lines

"""`oms export FOLDER`: a company from the REST services, as files of which `oms import` makes the same company."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from oms.company.exporting import KINDS, export_company
from oms.company.rest import Away, Refused, long_patience, rest
from oms.terminal import console, fail, good, waiting_shown

Folder = Annotated[Path, typer.Argument(file_okay=False, help="Where the files go; it is made when it is not there.")]


def export_folder(folder: Folder) -> None:
    """Export a company. An export that was cut is gone on with by the same command."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lines = asyncio.run(export_with_bars(folder))
    except (Away, Refused) as error:
        raise fail(f"{error}. What is written stays; run the same command again and it goes on.") from None
    for file, count in lines.items():
        console.print(f"{file:<16} {count} lines")
    console.print(good(f"everything is in {folder}"))


async def export_with_bars(folder: Path) -> dict[str, int]:
    """Export a company with a progress bar for each file; how many lines each has. Raises Away."""
    columns = TextColumn("{task.description:<16}"), BarColumn(), TaskProgressColumn(show_speed=True)
    lines = {kind.file: 0 for kind in KINDS}
    with Progress(*columns, TextColumn("{task.completed} lines"), TimeElapsedColumn(), console=console) as progress:
        bars = {kind.file: progress.add_task(kind.file, total=None, start=False) for kind in KINDS}

        def on_lines(file: str, count: int) -> None:
            lines[file] += count
            progress.start_task(bars[file])
            progress.advance(bars[file], count)

        def on_whole(file: str) -> None:
            progress.update(bars[file], total=lines[file])

        async with rest(long_patience(waiting_shown(progress))) as services:
            await export_company(folder, services, on_lines, on_whole)
    return lines

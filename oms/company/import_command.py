"""`oms import FOLDER`: a company's products, customers and orders, through the REST services."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from oms.company.files import count_lines
from oms.company.importing import FILES, Outcome, Report, import_company
from oms.company.rest import Away, Refused, long_patience, rest
from oms.terminal import bad, console, fail, good, waiting_shown

Folder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help=f"The folder with {', '.join(FILES)}, as demo/northwind.")
]
Update = Annotated[
    bool, typer.Option("--update", help="Replace products and customers that are here and say something else.")
]
Workers = Annotated[int, typer.Option(min=1, max=100, help="How many orders are sent at once.")]


def import_folder(folder: Folder, workers: Workers = 8, update: Update = False) -> None:
    """Import a company. Safe to repeat: what is in stays, what differs is refused, and a cut-short import goes on."""
    if not any((folder / file).is_file() for file in FILES):
        raise fail(f"{folder} has none of {', '.join(FILES)}")
    try:
        report = asyncio.run(import_with_bars(folder, workers, update=update))
    except (Away, Refused) as error:
        raise fail(f"{error}. What is in stays; run the same command again and it goes on.") from None
    print_report(report)
    if report.faults:
        raise typer.Exit(1)


async def import_with_bars(folder: Path, workers: int = 8, *, update: bool = False) -> Report:
    """Import a company with a progress bar for each of its files. Raises Away."""
    columns = TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bars = {
            file: progress.add_task(file, total=count_lines(folder / file), start=file == FILES[0]) for file in FILES
        }

        def on_line(file: str) -> None:
            progress.start_task(bars[file])
            progress.advance(bars[file])

        report = Report(on_line)
        async with rest(long_patience(waiting_shown(progress))) as services:
            await import_company(folder, services, workers, report, update=update)
    return report


def print_report(report: Report) -> None:
    """What became of the lines of each file, and what is wrong with some."""
    for file in FILES:
        counts = [
            f"{report.outcomes[file, outcome]} {outcome}" for outcome in Outcome if report.outcomes[file, outcome]
        ]
        console.print(f"{file:<16} {', '.join(counts) or 'empty'}")
    for fault in sorted(report.faults, key=lambda fault: (FILES.index(fault.place.file), fault.place.line)):
        console.print(bad(str(fault)), soft_wrap=True)
    if not report.faults:
        console.print(good("everything is in"))

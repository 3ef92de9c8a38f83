"""`oms import FOLDER`: imports a company's products, customers and orders through the REST services."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from oms.company.errors import RequestRefused, ServiceUnavailable
from oms.company.files import count_lines
from oms.company.importing.company_import import import_company
from oms.company.importing.import_state import FILES, Outcome, Report
from oms.company.rest import rest
from oms.company.retries import import_timeout
from oms.terminal import bad, console, fail, good, waiting_line

Folder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help=f"Folder with {', '.join(FILES)}, such as demo/northwind.")
]
Update = Annotated[
    bool, typer.Option("--update", help="Replace what exists and differs, orders excepted; count stock that differs.")
]
Workers = Annotated[int, typer.Option(min=1, max=100, help="Number of orders sent concurrently.")]


def import_folder(folder: Folder, workers: Workers = 8, update: Update = False) -> None:
    """Import a company: catalogue, stock, customers, orders. Run it again to resume; differences are refused."""
    if not any((folder / file).is_file() for file in FILES):
        raise fail(f"{folder} has none of {', '.join(FILES)}")
    try:
        report = asyncio.run(import_with_bars(folder, workers, update=update))
    except (ServiceUnavailable, RequestRefused) as error:
        raise fail(f"{error}. Run the same command again to resume.") from None
    print_report(report)
    if report.errors:
        raise typer.Exit(1)


async def import_with_bars(folder: Path, workers: int = 8, *, update: bool = False) -> Report:
    """Import a company with a progress bar for each of its files. Raises ServiceUnavailable."""
    columns = TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bars = {
            file: progress.add_task(file, total=count_lines(folder / file), start=file == FILES[0]) for file in FILES
        }

        def on_line(file: str) -> None:
            progress.start_task(bars[file])
            progress.advance(bars[file])

        report = Report(on_line)
        async with rest(import_timeout(waiting_line(progress))) as services:
            await import_company(folder, services, workers, report, update=update)
    return report


def print_report(report: Report) -> None:
    """Print the outcomes of each file, and the error of each refused line."""
    for file in FILES:
        counts = [
            f"{report.outcomes[file, outcome]} {outcome}" for outcome in Outcome if report.outcomes[file, outcome]
        ]
        console.print(f"{file:<16} {', '.join(counts) or 'empty'}")
    for error in sorted(report.errors, key=lambda each: (FILES.index(each.position.file), each.position.line)):
        console.print(bad(str(error)), soft_wrap=True)
    if not report.errors:
        console.print(good("everything is imported"))

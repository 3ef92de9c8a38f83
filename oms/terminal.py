"""The console of all commands: good and bad states, times, reasons, and how a command fails."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

console = Console(highlight=False)

NOTHING = "[dim]–[/dim]"


def good(text: str) -> str:
    """Markup for a state that is as expected."""
    return f"[green]{escape(text)}[/green]"


def bad(text: str) -> str:
    """Markup for a state that needs attention."""
    return f"[red]{escape(text)}[/red]"


def at(time: datetime | None) -> str:
    """A time in UTC, to the millisecond."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03}" if time else NOTHING


def reason(error: BaseException, timeout_s: float | None = None) -> str:
    """Why something failed: the text of the error's cause or of the error, or at least its type.

    `timeout_s` is the time that the work had; it is told if `error` is the end of that time.
    """
    if isinstance(error, TimeoutError) and timeout_s is not None and not str(error):
        return f"no answer within {timeout_s:g} s"
    cause = error.__cause__ or error
    if isinstance(cause, TimeoutError | CancelledError | httpx.TimeoutException) and not str(cause):
        return "no answer in time"
    return str(cause) or type(cause).__name__


def waiting_line(progress: Progress) -> Callable[[str | None], None]:
    """A function that shows the reason for waiting below the bars, and prints each reason once in a log."""
    bar = progress.add_task("waiting", total=None, start=False, visible=False)
    printed: set[str] = set()

    def show(why: str | None) -> None:
        progress.update(bar, visible=why is not None, description=f"waiting: {escape(why or '')}")
        if why is not None and why not in printed:
            printed.add(why)
            progress.console.print(f"waiting: {escape(why)}", soft_wrap=True)

    return show


def fail(message: str) -> typer.Exit:
    """Print an error; raise the returned Exit to end with exit code 1."""
    console.print(bad(message), soft_wrap=True)
    return typer.Exit(1)

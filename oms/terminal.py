"""What all commands print on, and how they print what is well, what is not, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

console = Console(highlight=False)

NOTHING = "[dim]–[/dim]"


def good(text: str) -> str:
    """Markup for something that is as it should be."""
    return f"[green]{escape(text)}[/green]"


def bad(text: str) -> str:
    """Markup for something to look at."""
    return f"[red]{escape(text)}[/red]"


def at(moment: datetime | None) -> str:
    """A time in UTC, to the millisecond."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}" if moment else NOTHING


def reason(error: BaseException) -> str:
    """Why something failed, in the words of whoever knows best: the error's cause, itself, at least its name."""
    cause = error.__cause__ or error
    return str(cause) or type(cause).__name__


def waiting_shown(progress: Progress) -> Callable[[str | None], None]:
    """Shows below the bars what is waited for, and prints it once where there is no screen to show it on."""
    bar = progress.add_task("waiting", total=None, start=False, visible=False)
    told: set[str] = set()

    def show(why: str | None) -> None:
        progress.update(bar, visible=why is not None, description=f"waiting: {escape(why or '')}")
        if why is not None and why not in told:
            told.add(why)
            progress.console.print(f"waiting: {escape(why)}", soft_wrap=True)

    return show


def fail(message: str) -> typer.Exit:
    """Print one clear line; raise what this returns to end with exit code 1."""
    console.print(bad(message), soft_wrap=True)
    return typer.Exit(1)

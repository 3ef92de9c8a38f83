"""What all commands print on, and how they print what is well, what is not, and how they end."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.markup import escape

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


def fail(message: str) -> typer.Exit:
    """Print one clear line; raise what this returns to end with exit code 1."""
    console.print(bad(message), soft_wrap=True)
    return typer.Exit(1)

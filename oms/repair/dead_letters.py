"""`oms dead-letters`: lists records a worker could not process, with the reason; replays or drops them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Annotated, Any, TypeVar

import typer
from aiokafka.errors import KafkaError

from chassis import addresses
from contracts.catalogue import CONSUMED
from contracts.dead_letters import DeadLetter
from contracts.topics import Topic
from oms.inspect.dead_letters import OpenLetter, open_letters
from oms.repair.dead_letters_output import print_letter, table_of_letters
from oms.repair.replay import drop_letters, replay_letters
from oms.terminal import bad, console, fail, good

commands = typer.Typer(
    help="List, show, replay and drop records that workers could not process.", invoke_without_command=True
)

REPLAY_TIMEOUT_S = 30.0
"""How long `replay` waits for the workers."""

Result = TypeVar("Result")
OfTopic = Annotated[
    str | None, typer.Option("--topic", help="Select the dead letters of one topic, such as order_detail.")
]
Identities = Annotated[list[str] | None, typer.Argument(help="Identities, as shown by `oms dead-letters list`.")]
All = Annotated[bool, typer.Option("--all", help="Select all open dead letters.")]


@commands.callback()
def begin(context: typer.Context) -> None:
    """List, show, replay and drop records that workers could not process. Without a command: list them."""
    if context.invoked_subcommand is None:
        list_letters()


@commands.command("list")
def list_letters(topic: OfTopic = None) -> None:
    """List the open dead letters: record, time, key, attempts and reason."""
    found = _run(open_letters(_topics(topic)))
    if not found:
        console.print(good("no dead letters are open"))
        return
    console.print(table_of_letters(found))
    console.print("Run show, replay or drop with an IDENTITY to continue.", markup=False)


@commands.command()
def show(identity: Annotated[str, typer.Argument(help="Identity, as shown by `oms dead-letters list`.")]) -> None:
    """Show one dead letter: its record, the reason with its traceback, and the value."""
    [found] = _selected([identity], None, of_all=False)
    print_letter(found)


@commands.command()
def replay(identities: Identities = None, topic: OfTopic = None, of_all: All = False) -> None:
    """Replay dead letters to their workers. A newer version of the same row is kept.

    Waits for the result: the worker closes a letter once it has processed the record, else opens it again.
    """
    found = _selected(identities, topic, of_all=of_all)
    answers = _run(_results(found))
    back = [again for again in answers.values() if again is not None]
    unanswered = [each.letter for each in found if each.letter.identity not in answers]
    if closed := len(answers) - len(back):
        console.print(good(f"{closed} replayed and closed"))
    for letter in back:
        text = f"failed again: {letter.identity} (attempt {letter.attempts}): {letter.reason}"
        console.print(bad(text), soft_wrap=True)
    if unanswered:
        consumers = ", ".join(sorted({letter.consumer for letter in unanswered}))
        text = f"{len(unanswered)} sent and not processed yet: they stay open until {consumers} has read them"
        console.print(bad(f"{text}; check `oms status`"), soft_wrap=True)
    if back or unanswered:
        raise typer.Exit(1)


@commands.command()
def drop(
    identities: Identities = None,
    topic: OfTopic = None,
    of_all: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
) -> None:
    """Drop dead letters for good: no view will ever have their records."""
    found = _selected(identities, topic, of_all=of_all)
    if not yes:
        console.print(table_of_letters(found))
        typer.confirm(f"Drop {_count(found)} for good?", abort=True)
    _run(drop_letters(found))
    console.print(f"dropped {_count(found)}")


async def _results(found: Sequence[OpenLetter]) -> dict[str, DeadLetter | None]:
    """The result of each letter that was processed in time."""
    answers: dict[str, DeadLetter | None] = {}
    try:
        async with asyncio.timeout(REPLAY_TIMEOUT_S):
            async for letter, again in replay_letters(found):
                answers[letter.identity] = again
    except TimeoutError:
        pass
    return answers


def _selected(identities: Sequence[str] | None, topic: str | None, *, of_all: bool) -> list[OpenLetter]:
    """The selected open letters: by identity, by topic or all. Exits when there are none."""
    if (bool(identities), topic is not None, of_all).count(True) != 1:
        raise fail("select dead letters by IDENTITY…, --topic TOPIC or --all")
    found = _run(open_letters(_topics(topic)))
    if identities:
        by_identity = {each.letter.identity: each for each in found}
        if unknown := sorted(set(identities) - by_identity.keys()):
            raise fail(f"no open dead letter has this identity: {', '.join(unknown)}")
        return [by_identity[identity] for identity in dict.fromkeys(identities)]
    if not found:
        raise fail(f"no dead letters are open{f' on {topic}' if topic else ''}")
    return found


def _topics(name: str | None) -> list[Topic[Any]]:
    found = [topic for topic in CONSUMED if name in (None, topic.name)]
    if not found:
        raise fail(f"no worker reads topic {name}; topics are {', '.join(topic.name for topic in CONSUMED)}")
    return found


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        return asyncio.run(work)
    except KafkaError as error:
        raise fail(f"kafka does not answer at {addresses.address('kafka')}: {error}") from None


def _count(found: Sequence[OpenLetter]) -> str:
    return f"{len(found)} dead letter{'' if len(found) == 1 else 's'}"

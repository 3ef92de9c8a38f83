"""`oms dead-letters`: what workers could not use, and why; it is replayed once that is mended, or dropped."""

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

commands = typer.Typer(help="Records that workers could not use and set aside.", no_args_is_help=True)

ANSWER_S = 30.0
"""How long `replay` waits for the workers to try again."""

Result = TypeVar("Result")
OfTopic = Annotated[str | None, typer.Option("--topic", help="Those of one topic, such as order_detail.")]
Identities = Annotated[list[str] | None, typer.Argument(help="As `oms dead-letters list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All that are open.")]


@commands.command("list")
def list_letters(topic: OfTopic = None) -> None:
    """Show which are open: the record, when it was last set aside, its key, how often it was tried, and why not."""
    found = _ask(open_letters(_topics(topic)))
    if not found:
        console.print(good("no dead letters are open"))
        return
    console.print(table_of_letters(found))
    console.print("show IDENTITY says more; replay IDENTITY tries again, drop IDENTITY gives it up", markup=False)


@commands.command()
def show(identity: Annotated[str, typer.Argument(help="As `oms dead-letters list` shows it.")]) -> None:
    """Show one: where it stood, the reason with its traceback, and the record's value."""
    [found] = _chosen([identity], None, of_all=False)
    print_letter(found)


@commands.command()
def replay(identities: Identities = None, topic: OfTopic = None, of_all: All = False) -> None:
    """Let the worker that set them aside try again. A newer state of the same row stays as it is.

    Waits for the answer: a letter is closed by its worker once the record was of use, and comes back if it was not.
    """
    found = _chosen(identities, topic, of_all=of_all)
    answers = _ask(_answered(found))
    back = [again for again in answers.values() if again is not None]
    unanswered = [each.letter for each in found if each.letter.identity not in answers]
    if closed := len(answers) - len(back):
        console.print(good(f"of use now, and closed: {closed}"))
    for letter in back:
        said = f"still bad, set aside again: {letter.identity} (attempt {letter.attempts}): {letter.reason}"
        console.print(bad(said), soft_wrap=True)
    if unanswered:
        consumers = ", ".join(sorted({letter.consumer for letter in unanswered}))
        said = f"sent and not tried yet: {len(unanswered)}. They stay open until {consumers} has read them"
        console.print(bad(f"{said}; oms status shows how it is"), soft_wrap=True)
    if back or unanswered:
        raise typer.Exit(1)


@commands.command()
def drop(
    identities: Identities = None,
    topic: OfTopic = None,
    of_all: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Give them up: they are gone, and no view will ever have what they say."""
    found = _chosen(identities, topic, of_all=of_all)
    if not yes:
        console.print(table_of_letters(found))
        typer.confirm(f"Drop {_count(found)} for good?", abort=True)
    _ask(drop_letters(found))
    console.print(f"dropped {_count(found)}")


async def _answered(found: Sequence[OpenLetter]) -> dict[str, DeadLetter | None]:
    """What became of each letter that was answered in time."""
    answers: dict[str, DeadLetter | None] = {}
    try:
        async with asyncio.timeout(ANSWER_S):
            async for letter, again in replay_letters(found):
                answers[letter.identity] = again
    except TimeoutError:
        pass
    return answers


def _chosen(identities: Sequence[str] | None, topic: str | None, *, of_all: bool) -> list[OpenLetter]:
    """The open letters that were asked for: by name, by topic or all. Ends the command when there is none such."""
    if (bool(identities), topic is not None, of_all).count(True) != 1:
        raise fail("say which: IDENTITY…, or --topic TOPIC, or --all")
    found = _ask(open_letters(_topics(topic)))
    if identities:
        by_identity = {each.letter.identity: each for each in found}
        if unknown := sorted(set(identities) - by_identity.keys()):
            raise fail(f"no such dead letter is open: {', '.join(unknown)}")
        return [by_identity[identity] for identity in dict.fromkeys(identities)]
    if not found:
        raise fail(f"no dead letters are open{f' on {topic}' if topic else ''}")
    return found


def _topics(name: str | None) -> list[Topic[Any]]:
    found = [topic for topic in CONSUMED if name in (None, topic.name)]
    if not found:
        raise fail(f"no worker reads a topic {name}: there are {', '.join(topic.name for topic in CONSUMED)}")
    return found


def _ask(question: Coroutine[Any, Any, Result]) -> Result:
    try:
        return asyncio.run(question)
    except KafkaError as error:
        raise fail(f"kafka does not answer at {addresses.address('kafka')}: {error}") from None


def _count(found: Sequence[OpenLetter]) -> str:
    return f"{len(found)} dead letter{'' if len(found) == 1 else 's'}"

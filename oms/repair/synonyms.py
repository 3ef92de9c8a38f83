"""`oms synonyms`: what a search looks for in the place of what was typed, from a file that a merchant edits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from elasticsearch import ApiError, AsyncElasticsearch, ConflictError, NotFoundError, TransportError

from chassis.databases.elasticsearch import client, raise_unavailable
from oms.terminal import console, fail, good
from search.synonyms import CURRENT, SYNONYMS_INDEX, BadSynonyms, Synonyms

commands = typer.Typer(no_args_is_help=True, help="What a search looks for in the place of what was typed.")

_MAPPINGS: dict[str, Any] = {"dynamic": False, "properties": {"number": {"type": "integer"}}}

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One rule a line, such as `tea => tea, chai`.")]
Number = Annotated[int | None, typer.Option("--version", help="That one instead of the current one.")]


@commands.command("apply")
def apply(file: File) -> None:
    """Check a file and put it in force: from the next searches on, without downtime. The ones before are kept."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        rules = Synonyms(lines).rules
    except BadSynonyms as error:
        raise fail("\n".join(f"{file}:{line}: {fault}" for line, fault in error.faults)) from None
    except UnicodeDecodeError as error:
        raise fail(f"{file} is not UTF-8: {error}") from None
    number = _run(_apply(lines))
    console.print(good(f"{rules} rules are in force as version {number}"))


@commands.command("show")
def show(number: Number = None) -> None:
    """Print the file that is in force, or an earlier one: `oms synonyms show --version 3 > synonyms.txt`."""
    found = _run(_get(CURRENT if number is None else str(number)))
    if found is None:
        raise fail("there are no synonyms" if number is None else f"there is no version {number}")
    for line in found["lines"]:
        typer.echo(line)


def _run(work: Any) -> Any:
    try:
        return asyncio.run(work)
    except (ApiError, TransportError) as error:
        raise fail(f"Elasticsearch: {error}") from None


async def _apply(lines: list[str]) -> int:
    async with client() as elasticsearch:
        return await put(elasticsearch, lines)


async def put_where_none_are(lines: list[str]) -> bool:
    """Put these in force, unless there are some already. Returns whether they are. Raises Unavailable."""
    with raise_unavailable("the product search"):
        async with client() as elasticsearch:
            are_none = await _read(elasticsearch, CURRENT) is None
            if are_none:
                await put(elasticsearch, lines)
    return are_none


async def put(elasticsearch: AsyncElasticsearch, lines: list[str]) -> int:
    """Keep the next version, and make it the current one. Returns its number."""
    await _make_index(elasticsearch)
    while True:
        before = await _read(elasticsearch, CURRENT)
        number = (before["number"] if before else 0) + 1
        said = {"number": number, "applied_at": datetime.now(UTC).isoformat(), "lines": lines}
        try:
            await elasticsearch.create(index=SYNONYMS_INDEX, id=str(number), document=said)
        except ConflictError:
            if await _read(elasticsearch, CURRENT) == before:  # kept, and never put in force: it was cut off there
                await elasticsearch.index(index=SYNONYMS_INDEX, id=str(number), document=said)
            else:
                continue  # somebody else was faster
        await elasticsearch.index(index=SYNONYMS_INDEX, id=CURRENT, document=said)
        return int(number)


async def _make_index(elasticsearch: AsyncElasticsearch) -> None:
    if not await elasticsearch.indices.exists(index=SYNONYMS_INDEX):
        settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
        await elasticsearch.indices.create(index=SYNONYMS_INDEX, settings=settings, mappings=_MAPPINGS)


async def _get(document: str) -> Any:
    async with client() as elasticsearch:
        return await _read(elasticsearch, document)


async def _read(elasticsearch: AsyncElasticsearch, document: str) -> Any:
    try:
        return (await elasticsearch.get(index=SYNONYMS_INDEX, id=document))["_source"]
    except NotFoundError:
        return None

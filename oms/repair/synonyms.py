"""`oms synonyms`: the synonyms of the product search, from a file that a merchant edits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from elasticsearch import ApiError, AsyncElasticsearch, ConflictError, NotFoundError, TransportError

from chassis.databases.elasticsearch import client, raise_unavailable
from oms.terminal import console, fail, good
from search.text.synonyms import CURRENT, SYNONYMS_INDEX, BadSynonyms, Synonyms

commands = typer.Typer(no_args_is_help=True, help="Apply and show the synonyms of the product search.")

_MAPPINGS: dict[str, Any] = {"dynamic": False, "properties": {"number": {"type": "integer"}}}

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="File with one rule per line, such as `tea => tea, chai`.")
]
Number = Annotated[int | None, typer.Option("--version", help="Show this version instead of the current one.")]


@commands.command("apply")
def apply(file: File) -> None:
    """Validate a file and apply it to all following searches, without downtime. Earlier versions are kept."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        rules = Synonyms(lines).rules
    except BadSynonyms as error:
        raise fail("\n".join(f"{file}:{line}: {fault}" for line, fault in error.faults)) from None
    except UnicodeDecodeError as error:
        raise fail(f"{file} is not UTF-8: {error}") from None
    number = _run(_apply(lines))
    console.print(good(f"applied {rules} rules as version {number}"))


@commands.command("show")
def show(number: Number = None) -> None:
    """Print the current file, or an earlier one: `oms synonyms show --version 3 > synonyms.txt`."""
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


async def put_if_missing(lines: list[str]) -> bool:
    """Apply these synonyms unless there are some. Returns whether it did. Raises Unavailable."""
    with raise_unavailable("the product search"):
        async with client() as elasticsearch:
            is_missing = await _read(elasticsearch, CURRENT) is None
            if is_missing:
                await put(elasticsearch, lines)
    return is_missing


async def put(elasticsearch: AsyncElasticsearch, lines: list[str]) -> int:
    """Store the next version and make it the current one. Returns its number."""
    await _create_index(elasticsearch)
    while True:
        before = await _read(elasticsearch, CURRENT)
        number = (before["number"] if before else 0) + 1
        version = {"number": number, "applied_at": datetime.now(UTC).isoformat(), "lines": lines}
        try:
            await elasticsearch.create(index=SYNONYMS_INDEX, id=str(number), document=version)
        except ConflictError:
            if (
                await _read(elasticsearch, CURRENT) == before
            ):  # stored by a run that was interrupted before it became current
                await elasticsearch.index(index=SYNONYMS_INDEX, id=str(number), document=version)
            else:
                continue  # another run stored this version
        await elasticsearch.index(index=SYNONYMS_INDEX, id=CURRENT, document=version)
        return int(number)


async def _create_index(elasticsearch: AsyncElasticsearch) -> None:
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

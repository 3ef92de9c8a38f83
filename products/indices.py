"""The indices behind the search: the live one, the next one while it is filled, the previous one; each by its alias.

All take the alias of the live one; the others are named after it. Aliases change in one request, all or none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch, NotFoundError

from chassis.settings import seconds

_DEFINITION = Path(__file__).parent / "index.json"
BULK_TIMEOUT_S = seconds("OMS_ELASTICSEARCH_BULK_TIMEOUT_S", 30)


def next_of(alias: str) -> str:
    """The alias of the index that is being filled: who writes to the live one writes to it too."""
    return f"{alias}-next"


def previous_of(alias: str) -> str:
    """The alias of the index that was live before."""
    return f"{alias}-previous"


async def behind(elasticsearch: AsyncElasticsearch, alias: str) -> str | None:
    """The index that has this alias; None when there is none."""
    try:
        found = await elasticsearch.indices.get_alias(name=alias)
    except NotFoundError:
        return None
    return next(iter(found.body), None)


async def create(elasticsearch: AsyncElasticsearch, alias: str, replicas: int, *, named: str | None = None) -> str:
    """Make an empty index with the mapping of today, and the alias `named` if it is another. Returns the index.

    Raises BadRequestError when another process was faster.
    """
    definition = _definition()
    there = await elasticsearch.indices.get(index=f"{alias}-*", features="aliases")
    numbers = [int(number) for name in there.body if (number := name.removeprefix(f"{alias}-")).isdecimal()]
    index = f"{alias}-{max(numbers, default=0) + 1}"
    await elasticsearch.options(request_timeout=BULK_TIMEOUT_S).indices.create(
        index=index,
        settings={**definition["settings"], "number_of_replicas": replicas},
        mappings=definition["mappings"],
        aliases={named or alias: {}},
    )
    return index


async def give_place_for_digests(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """An index that was made before there were any would refuse what it has no place for."""
    fields = _definition()["mappings"]["properties"].items()
    digests = {name: field for name, field in fields if name.startswith("digest_")}
    await elasticsearch.indices.put_mapping(index=index, properties=digests)


async def is_from_before(elasticsearch: AsyncElasticsearch, index: str) -> bool:
    """Whether the index is of an earlier version: it finds less, or its documents have digests of another making."""
    found = await elasticsearch.indices.get_mapping(index=index)
    wanted = _definition()["mappings"]["_meta"]
    return any(each["mappings"].get("_meta") != wanted for each in found.body.values())


async def fill_again(elasticsearch: AsyncElasticsearch, alias: str, index: str) -> None:
    """Let who writes to the live index write to this one too."""
    await give_place_for_digests(elasticsearch, index)
    await _change(elasticsearch, {"add": {"index": index, "alias": next_of(alias)}})


async def put_in_place(elasticsearch: AsyncElasticsearch, alias: str, index: str) -> None:
    """Make the index the live one and the live one the previous one; what was the previous one before is gone."""
    live = await behind(elasticsearch, alias)
    older = await behind(elasticsearch, previous_of(alias))
    actions: list[dict[str, Any]] = [
        {"add": {"index": index, "alias": alias}},
        {"remove": {"index": live, "alias": alias, "must_exist": True}},
        {"remove": {"index": index, "alias": next_of(alias), "must_exist": True}},
        {"add": {"index": live, "alias": previous_of(alias)}},
    ]
    if older == index:
        actions.append({"remove": {"index": index, "alias": previous_of(alias)}})
    elif older is not None:
        actions.append({"remove_index": {"index": older}})
    await _change(elasticsearch, *actions)


async def give_up_next(elasticsearch: AsyncElasticsearch, alias: str) -> None:
    """Fill no index any more: one that was being made is gone, the previous one is the previous one still."""
    index = await behind(elasticsearch, next_of(alias))
    if index is None:
        return
    if index == await behind(elasticsearch, previous_of(alias)):
        await _change(elasticsearch, {"remove": {"index": index, "alias": next_of(alias)}})
    else:
        await elasticsearch.options(request_timeout=BULK_TIMEOUT_S).indices.delete(index=index)


async def _change(elasticsearch: AsyncElasticsearch, *actions: dict[str, Any]) -> None:
    await elasticsearch.options(request_timeout=BULK_TIMEOUT_S).indices.update_aliases(actions=list(actions))


def _definition() -> dict[str, Any]:
    definition: dict[str, Any] = msgspec.json.decode(_DEFINITION.read_bytes())
    return definition

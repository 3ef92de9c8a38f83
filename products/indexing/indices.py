"""The search indices: the live one, the next one while it is filled, and the previous one; each has an alias.

All functions take the alias of the live one; the others are derived from it. Aliases change atomically, in one request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch, NotFoundError

from chassis.settings import seconds

_DEFINITION = Path(__file__).parent / "index.json"
_NEW_FIELDS = (
    "digest_high",
    "digest_low",
    "sku_codes",
    "codes",
    "sizes",
    "categories",
    "available_at",
    "in_stock",
    "availability_version",
)
BULK_TIMEOUT_S = seconds("OMS_ELASTICSEARCH_BULK_TIMEOUT_S", 30)


def next_of(alias: str) -> str:
    """The alias of the index that is being filled; writes to the live one go to it too."""
    return f"{alias}-next"


def previous_of(alias: str) -> str:
    """The alias of the previous index."""
    return f"{alias}-previous"


async def index_of(elasticsearch: AsyncElasticsearch, alias: str) -> str | None:
    """The index that has this alias, or None."""
    try:
        found = await elasticsearch.indices.get_alias(name=alias)
    except NotFoundError:
        return None
    return next(iter(found.body), None)


async def create(elasticsearch: AsyncElasticsearch, alias: str, replicas: int, *, named: str | None = None) -> str:
    """Create an empty index with the current mapping and the alias `named`, by default `alias`. Returns its name.

    Raises BadRequestError if another process created it first.
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


async def add_new_fields(elasticsearch: AsyncElasticsearch, index: str) -> None:
    """Add the fields that earlier versions did not have to an older index, whose strict mapping would refuse them."""
    fields = _definition()["mappings"]["properties"]
    await elasticsearch.indices.put_mapping(index=index, properties={name: fields[name] for name in _NEW_FIELDS})


async def is_outdated(elasticsearch: AsyncElasticsearch, index: str) -> bool:
    """Whether the index has an earlier mapping: it finds less, or its documents have other digests."""
    found = await elasticsearch.indices.get_mapping(index=index)
    wanted = _definition()["mappings"]["_meta"]
    return any(each["mappings"].get("_meta") != wanted for each in found.body.values())


async def resume_filling(elasticsearch: AsyncElasticsearch, alias: str, index: str) -> None:
    """Make writes to the live index go to this one too."""
    await add_new_fields(elasticsearch, index)
    await _change(elasticsearch, {"add": {"index": index, "alias": next_of(alias)}})


async def make_live(elasticsearch: AsyncElasticsearch, alias: str, index: str) -> None:
    """Make `index` the live one and the live one the previous one; the former previous one is deleted."""
    live = await index_of(elasticsearch, alias)
    older = await index_of(elasticsearch, previous_of(alias))
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


async def drop_next(elasticsearch: AsyncElasticsearch, alias: str) -> None:
    """Stop filling the next index. It is deleted, unless it is the previous one."""
    index = await index_of(elasticsearch, next_of(alias))
    if index is None:
        return
    if index == await index_of(elasticsearch, previous_of(alias)):
        await _change(elasticsearch, {"remove": {"index": index, "alias": next_of(alias)}})
    else:
        await elasticsearch.options(request_timeout=BULK_TIMEOUT_S).indices.delete(index=index)


async def _change(elasticsearch: AsyncElasticsearch, *actions: dict[str, Any]) -> None:
    await elasticsearch.options(request_timeout=BULK_TIMEOUT_S).indices.update_aliases(actions=list(actions))


def _definition() -> dict[str, Any]:
    definition: dict[str, Any] = msgspec.json.decode(_DEFINITION.read_bytes())
    return definition

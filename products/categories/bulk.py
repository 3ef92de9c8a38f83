"""Imports and exports categories as JSON lines: parents before their children."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk import export
from chassis.bulk.bulk import Bulk, LineResult, Outcome
from chassis.bulk.exported import member_pointer
from chassis.databases.mysql import Connection, Database, transact
from chassis.http.errors.problems import Problem
from chassis.openapi.bulk import (
    BULK_DESCRIPTION,
    EXPORT_DESCRIPTION,
    EXPORTED_LINES_DESCRIPTION,
    UPDATE_DESCRIPTION,
    Update,
    any_of_schemas,
    request_lines,
    response_lines,
)
from chassis.rest.dependencies import Db
from products.categories import changing, repository, rules, tree
from products.categories.examples import EXPORTED_CATEGORY, NEW_CATEGORY
from products.categories.models import Category, CategoryLine, EitherLine, ExportedCategory, Slug
from products.categories.problems import category_differs
from products.categories.routes import Changes
from products.exported import exported_line

router = APIRouter(tags=["bulk"])

LINE: TypeAdapter[CategoryLine] = TypeAdapter(EitherLine)

_AT_ONCE = 50
"""Lines in one transaction, which locks the tree."""

_ANSWERS = (
    {"line": 1, "status": 201, "slug": "beverages", "version": 1},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/categories/bulk",
    summary="Import categories",
    description="The line of a parent precedes those of its children. If a category with the slug exists, the result "
    "is 200 if it is identical, otherwise 409." + BULK_DESCRIPTION + UPDATE_DESCRIPTION + EXPORTED_LINES_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("One result per line.", *_ANSWERS),
    openapi_extra=request_lines(any_of_schemas(CategoryLine, ExportedCategory), NEW_CATEGORY, EXPORTED_CATEGORY),
)
async def make_categories(
    request: Request, database: Db, changes: Changes, update: Update = False
) -> StreamingResponse:
    """Reads the request while the response is sent."""

    async def write(lines: Sequence[CategoryLine]) -> list[Outcome]:
        outcomes = await _write(database, lines, update=update)
        changes.wake()
        return outcomes

    return Bulk(request, LINE, write).answer()


@router.get(
    "/categories/bulk",
    summary="Export all categories",
    description="Depth first: each category follows its parent." + EXPORT_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("All categories.", EXPORTED_CATEGORY),
)
async def export_categories(
    database: Db,
    after: Annotated[Slug | None, Query(description="Only categories after this one.")] = None,
) -> StreamingResponse:
    """The tree is read at once."""
    return await export.export_response(_lines(database, after))


async def _lines(database: Database, after: str | None) -> AsyncIterator[bytes]:
    async with database.reading() as connection:
        categories = depth_first(await repository.all_categories(connection))
    slugs = [each.slug for each in categories]
    start = slugs.index(after) + 1 if after in slugs else 0
    yield b"".join(exported_line(each) for each in categories[start:])


def depth_first(categories: Sequence[Category]) -> list[Category]:
    """The categories, each after its parent."""
    parents = {each.slug: each.parent for each in categories}
    return sorted(categories, key=lambda each: rules.path_of(each.slug, parents))


async def _write(database: Database, lines: Sequence[CategoryLine], *, update: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for start in range(0, len(lines), _AT_ONCE):
        outcomes += await transact(database, partial(_write_some, lines[start : start + _AT_ONCE], update))
    return outcomes


async def _write_some(lines: Sequence[CategoryLine], update: bool, tx: Connection) -> list[Outcome]:
    await tree.lock(tx)
    return [await _write_one(tx, line, update=update) for line in lines]


async def _write_one(tx: Connection, line: CategoryLine, *, update: bool) -> Outcome:
    existing = await repository.find_category(tx, line.slug, lock=True)
    try:
        if existing is None:
            made = await changing.create(tx, line, line.exported)
            return LineResult(HTTPStatus.CREATED, {"slug": line.slug, "version": made.version})
        columns = repository.differing(existing, line)
        if columns and not update:
            return category_differs(line.slug, [member_pointer(column) for column in columns])
        now = await changing.change(tx, existing, line, most=0) if columns else existing
    except Problem as problem:  # raised before the line was written
        return problem
    return LineResult(HTTPStatus.OK, {"slug": line.slug, "version": now.version}, is_update=bool(columns))

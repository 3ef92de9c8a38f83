"""Routes of categories. The writes of a route are in its function `work`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from chassis.databases.mysql import Connection, Database, transact
from chassis.openapi.responses import NOT_MODIFIED, patch_of, problems
from chassis.rest import pages, updates
from chassis.rest.dependencies import Db, IfMatch, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import Once
from chassis.rest.merge_patch import Patch, apply_patch
from chassis.rest.pages import Page
from chassis.rest.responses import (
    WriteResponse,
    created_response,
    deleted_response,
    unless_unchanged,
    write_response,
)
from products.categories import changing, repository, tree
from products.categories.changes import CategoryChanges
from products.categories.listing import ListPlan
from products.categories.models import Category, CategoryInput, NewCategory, ThisSlug
from products.categories.problems import (
    CATEGORY_NOT_EMPTY,
    CATEGORY_NOT_FOUND,
    INVALID_PARENT,
    SLUG_TAKEN,
    TOO_MANY_CATEGORIES,
    category_not_empty,
    no_such_category,
)

router = APIRouter(tags=["categories"])

_COPIED = """ The new name and path are copied to its products, and their versions change: to up to a thousand at once,
to more, or those of more than a hundred categories, a moment later."""


async def _changes(request: Request) -> CategoryChanges:
    changes: CategoryChanges = request.app.state.category_changes
    return changes


Changes = Annotated[CategoryChanges, Depends(_changes)]


@router.post(
    "/categories",
    status_code=201,
    response_model=Category,
    summary="Create a category",
    responses=problems(SLUG_TAKEN, TOO_MANY_CATEGORIES, INVALID_PARENT),
)
async def make_category(new: NewCategory, database: Db, once: Once) -> Response:
    """The slug must not be in use, and the parent must exist."""

    async def work(tx: Connection) -> WriteResponse:
        await tree.lock(tx)
        category = await changing.create(tx, new)
        return created_response("category", category.slug, category, f"/categories/{category.slug}")

    return await once.once(database, work)


@router.get(
    "/categories",
    response_model=Page[Category],
    summary="List categories",
    description="All categories, or the children of one." + updates.DESCRIPTION,
    responses={**NOT_MODIFIED},
)
async def list_categories(database: Db, plan: ListPlan, wanted: pages.RequestedPage) -> Response:
    """All categories, or the children of one."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, repository.shown)


@router.get(
    "/categories/{slug}",
    response_model=Category,
    summary="Get a category",
    responses={**NOT_MODIFIED, **problems(CATEGORY_NOT_FOUND)},
)
async def get_category(
    slug: ThisSlug, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Category | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        category = await repository.find_category(connection, slug)
    if category is None:
        raise no_such_category(slug)
    return unless_unchanged(response, category, if_none_match)


@router.put(
    "/categories/{slug}",
    response_model=Category,
    summary="Replace a category",
    description="Members that are omitted are cleared. Requires `If-Match`." + _COPIED,
    responses=problems(CATEGORY_NOT_FOUND, INVALID_PARENT),
)
async def replace_category(
    slug: ThisSlug, new: CategoryInput, database: Db, changes: Changes, if_match: IfMatch = None
) -> Response:
    """Renames and moves it, too."""
    return await _changed(database, changes, slug, if_match, lambda _: new)


@router.patch(
    "/categories/{slug}",
    response_model=Category,
    summary="Update a category",
    description="JSON merge patch (RFC 7396): null clears a member that may be null. Requires `If-Match`." + _COPIED,
    responses=problems(CATEGORY_NOT_FOUND, INVALID_PARENT),
    openapi_extra=patch_of(CategoryInput, {"name": "Drinks", "parent": None}),
)
async def patch_category(
    slug: ThisSlug, patch: Patch, database: Db, changes: Changes, if_match: IfMatch = None
) -> Response:
    """Renames and moves it, too."""
    return await _changed(database, changes, slug, if_match, lambda now: apply_patch(CategoryInput, now, patch))


@router.delete(
    "/categories/{slug}",
    status_code=204,
    summary="Delete a category",
    responses=problems(CATEGORY_NOT_FOUND, CATEGORY_NOT_EMPTY),
)
async def delete_category(slug: ThisSlug, database: Db, if_match: IfMatch = None) -> Response:
    """It must have neither children nor products. The slug can be used again. Requires `If-Match`."""

    async def work(tx: Connection) -> Response:
        category = await _to_change(tx, slug, if_match)
        if content := await repository.content(tx, slug):
            raise category_not_empty(slug, content)
        await repository.delete_category(tx, category)
        return deleted_response("category", slug, category.version)

    return await transact(database, work)


async def _changed(
    database: Database,
    changes: CategoryChanges,
    slug: str,
    if_match: str | None,
    change: Callable[[Category], CategoryInput],
) -> Response:
    async def work(tx: Connection) -> WriteResponse:
        category = await _to_change(tx, slug, if_match)
        return write_response("category", slug, await changing.change(tx, category, change(category)))

    response = (await transact(database, work)).response()
    changes.wake()
    return response


async def _to_change(tx: Connection, slug: str, if_match: str | None) -> Category:
    """The category, in a transaction that has locked the tree."""
    await tree.lock(tx)
    category = await repository.find_category(tx, slug, lock=True)
    if category is None:
        raise no_such_category(slug)
    check_if_match(if_match, category.version)
    return category

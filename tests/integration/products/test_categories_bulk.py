"""The whole tree as JSON lines, on a real MySQL."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.bulk import bulk, lines
from tests.support.shop.categories import a_branch, a_category, a_slug

ANY = {"If-Match": "*"}


def line(slug: str, **members: Any) -> dict[str, Any]:
    return {"slug": slug, "name": "Tea"} | members


async def exported(products: httpx.AsyncClient, after: str | None = None) -> list[dict[str, Any]]:
    answer = await products.get("/categories/bulk", params={"after": after} if after else {})
    assert answer.status_code == 200
    return [json.loads(each) for each in answer.content.splitlines()]


def statuses(answers: list[dict[str, Any]]) -> list[int]:
    return [each["status"] for each in answers[:-1]]


async def test_each_line_is_made_as_a_single_post_would_make_it(products):
    members = {"name": "Tés", "description": "a\nb", "parent": (await a_category(products))["slug"], "position": 3}
    one, many = a_slug(), a_slug()
    single = (await products.post("/categories", json=line(one, **members))).json()

    answers = await bulk(products, "/categories/bulk", lines([line(many, **members)]))

    shown = (await products.get(f"/categories/{many}")).json()
    assert answers == [
        {"line": 1, "status": 201, "slug": many, "version": 1},
        {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
    ]
    assert {**shown, "slug": one} | {k: single[k] for k in ("createdAt", "updatedAt")} == single


async def test_a_line_may_refer_to_one_before_it_and_not_to_one_after_it(products):
    top, child, early = a_slug(), a_slug(), a_slug()
    wanted = [line(early, parent=top), line(top), line(child, parent=top), line(early, parent=child)]

    answers = await bulk(products, "/categories/bulk", lines(wanted))

    assert statuses(answers) == [422, 201, 201, 201]
    assert answers[0]["problem"]["type"] == "urn:oms:problem:invalid-parent"


async def test_a_line_that_differs_is_refused_or_replaces_the_category(products):
    [root, slug] = await a_branch(products, "A", "B")
    same, other = line(slug, name="B", parent=root), line(slug, name="C", position=1)

    refused = await bulk(products, "/categories/bulk", lines([same, other]))
    updated = await bulk(products, "/categories/bulk?update=true", lines([other, other]))

    assert statuses(refused) == [200, 409]
    differing = [each["pointer"] for each in refused[1]["problem"]["errors"]]
    assert differing == ["#/slug", "#/name", "#/parent", "#/position"]
    assert updated[:-1] == [
        {"line": 1, "status": 200, "slug": slug, "version": 2, "updated": True},
        {"line": 2, "status": 200, "slug": slug, "version": 2},
    ]


async def test_an_export_has_parents_first_and_makes_the_same_tree_again(products):
    branch = await a_branch(products, "A", "B", "C")
    await products.patch(f"/categories/{branch[1]}", json={"description": "x", "position": 7}, headers=ANY)
    before = [each for each in await exported(products) if each["slug"] in branch]
    for slug in reversed(branch):
        assert (await products.delete(f"/categories/{slug}", headers=ANY)).status_code == 204

    made = await bulk(products, "/categories/bulk", lines(before))
    same = await bulk(products, "/categories/bulk", lines(before))

    after = [each for each in await exported(products) if each["slug"] in branch]
    assert [each["slug"] for each in before] == branch
    assert (statuses(made), statuses(same)) == ([201] * 3, [200] * 3)
    for old, new in zip(before, after, strict=True):
        versions = [each["exported"].pop("version") for each in (old, new)]
        assert versions[0] < versions[1]  # above the deletion
        assert new == old
    assert [each["slug"] for each in await exported(products, branch[1])][:1] == branch[2:]


async def test_a_line_of_an_export_keeps_its_version_in_an_empty_system(products):
    state = {"createdAt": "2025-01-01T00:00:00Z", "updatedAt": "2025-02-01T00:00:00Z", "version": 12}

    await bulk(products, "/categories/bulk", lines([line(slug := a_slug(), exported=state)]))

    [made] = [each for each in await exported(products) if each["slug"] == slug]
    assert made["exported"] == state


@pytest.mark.parametrize(
    ("members", "pointer"),
    [({"slug": "Tea"}, "#/slug"), ({"name": ""}, "#/name"), ({"x": 1}, "#/x"), ({"position": -1}, "#/position")],
)
async def test_a_fault_is_told_at_its_member(products, members, pointer):
    answers = await bulk(products, "/categories/bulk", lines([line(f"c-{uuid4().hex[:8]}") | members]))

    assert [each["pointer"] for each in answers[0]["problem"]["errors"]] == [pointer]

"""The rules of the tree, by random sequences of moves: no cycle, no branch too deep, each path that of its parents."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from contracts.products import Category
from products.categories import tree
from products.categories.limits import MOST_DEPTH
from products.categories.rules import InvalidParent, check_parent, height, path_of
from products.categories.tree import Node

SLUGS = [f"c{number}" for number in range(14)]
MOVES = st.lists(st.tuples(st.sampled_from(SLUGS), st.sampled_from([None, *SLUGS])), max_size=80)


def below(slug: str, parents: dict[str, str | None]) -> list[str]:
    """The descendants, found in another way than by paths."""
    children = [each for each, parent in parents.items() if parent == slug]
    return [found for child in children for found in (child, *below(child, parents))]


def ancestors(slug: str, parents: dict[str, str | None]) -> list[str]:
    parent = parents[slug]
    return [] if parent is None else [parent, *ancestors(parent, parents)]


def move(slug: str, parent: str | None, parents: dict[str, str | None]) -> None:
    """As a transaction does it, which reads only what is above the new parent and below the category."""
    descendants = below(slug, parents)
    read = [*descendants, *([parent, *ancestors(parent, parents)] if parent else [])]
    check_parent(slug, parent, {each: parents[each] for each in read}, descendants)
    parents[slug] = parent


@given(MOVES)
def test_moves_make_no_cycle_and_no_branch_that_is_too_deep(moves: list[tuple[str, str | None]]) -> None:
    parents: dict[str, str | None] = dict.fromkeys(SLUGS)
    for slug, parent in moves:
        with suppress(InvalidParent):
            move(slug, parent, parents)

        for each in SLUGS:
            path = path_of(each, parents)  # ancestors() would not end in a cycle
            assert list(path) == [*reversed(ancestors(each, parents)), each]
            assert len(path) <= MOST_DEPTH
            assert height(each, parents, below(each, parents)) == max(
                len(path_of(end, parents)) - len(path) + 1 for end in [each, *below(each, parents)]
            )


@given(MOVES, st.sampled_from(SLUGS), st.sampled_from(SLUGS))
def test_a_move_that_is_refused_would_break_the_tree(moves: list[tuple[str, str | None]], slug: str, to: str) -> None:
    parents: dict[str, str | None] = dict.fromkeys(SLUGS)
    for moved, parent in moves:
        with suppress(InvalidParent):
            move(moved, parent, parents)

    is_cycle = slug == to or slug in ancestors(to, parents)
    depth = len(path_of(to, parents)) + max(
        len(path_of(each, parents)) - len(path_of(slug, parents)) + 1 for each in [slug, *below(slug, parents)]
    )
    try:
        move(slug, to, parents)
    except InvalidParent:
        assert is_cycle or depth > MOST_DEPTH
    else:
        assert not is_cycle
        assert depth <= MOST_DEPTH


@given(st.dictionaries(st.sampled_from(SLUGS), st.sampled_from([None, *SLUGS])))
def test_a_path_ends_even_if_rows_were_changed_by_hand(parents: dict[str, str | None]) -> None:
    for slug in SLUGS:
        path = path_of(slug, parents)
        assert path[-1] == slug
        assert len(set(path)) == len(path)


def test_copies_have_name_and_path() -> None:
    nodes = {"drinks": Node("Drinks", None), "tea": Node("Teas", "drinks")}

    assert tree.copies(["tea", "drinks"], nodes) == [
        Category(slug="tea", name="Teas", path=["drinks", "tea"]),
        Category(slug="drinks", name="Drinks", path=["drinks"]),
    ]

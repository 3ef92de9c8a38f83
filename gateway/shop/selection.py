"""The fields that a query selects below a field, so that one search can return all they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionNode
from strawberry import Info

Fragments = Mapping[str, FragmentDefinitionNode]


def selected_below(info: Info[Any, Any]) -> frozenset[str]:
    """The paths of all fields below the one that is resolved, as `below`."""
    raw: Any = info._raw_info
    return below(raw.field_nodes, raw.fragments)


def below(nodes: list[FieldNode], fragments: Fragments) -> frozenset[str]:
    """The paths of all fields below these, such as `pageInfo.endCursor`, ignoring types and conditions."""
    found: set[str] = set()
    for node in nodes:
        if node.selection_set is not None:
            found.update(_paths(node.selection_set.selections, "", fragments))
    return frozenset(found)


def _paths(selections: tuple[SelectionNode, ...], before: str, fragments: Fragments) -> Iterator[str]:
    for node in selections:
        if isinstance(node, FieldNode):
            path = before + node.name.value
            yield path
            if node.selection_set is not None:
                yield from _paths(node.selection_set.selections, path + ".", fragments)
            continue
        inside = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        selected = getattr(inside, "selection_set", None)
        if selected is not None:
            yield from _paths(selected.selections, before, fragments)

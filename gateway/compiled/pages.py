"""Connections: a page of rows, where it begins and ends, and how many rows there are in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from gateway.compiled.columns import Row
from gateway.compiled.objects import Objects
from gateway.compiled.selections import Fields, object_type
from gateway.compiled.text import NULL_SQL, Expression, Known, Piece, joined, json_list
from gateway.compiled.values import NotPlain
from gateway.fields.keysets import Keyset
from gateway.fields.paging import DEFAULT, Page, size
from gateway.fields.parameters import Slot
from gateway.fields.relations import Pages


@dataclass(frozen=True)
class _Found:
    """The rows of one page in the SQL; when `at_most` is set there may be one more, which is not shown."""

    row: Row
    keyset: Keyset
    page: Page
    at_most: str | None
    count: str

    @property
    def order(self) -> str:
        """The list's own order, whichever way the page was looked for."""
        return self.keyset.order_by(Page(), self.row.alias)

    @property
    def shown(self) -> str:
        return f" FILTER (WHERE {self.row.alias}.place <= {self.at_most})" if self.at_most else ""


def page(
    objects: Objects,
    field: GraphQLField,
    relation: Pages,
    given: Mapping[str, Any],
    nodes: list[FieldNode],
    above: Row | None,
) -> list[Piece]:
    """The JSON of a connection. Raises NotPlain, BadInput and InvalidCursor."""
    type_ = object_type(field)
    fields = objects.selections.of(type_, nodes)
    asked, keyset, it = _asked(given), relation.keyset(given), Row(objects.alias(), above)
    where = _where(objects, relation, given, it, above)
    behind = keyset.conditions(asked, objects.parameters, it.alias)
    has_more = _asks_for_more(objects, type_, fields, asked)
    at_most = objects.parameters.bind(asked.size) + "::integer"
    found = _Found(it, keyset, asked, at_most if has_more else None, _count(objects, relation, given, above, fields))
    ordered = keyset.order_by(asked, it.alias)
    place = f", row_number() OVER (ORDER BY {ordered}) AS place" if has_more else ""
    limit = f"{at_most} + 1" if has_more else at_most
    rows = (
        f"SELECT {it.alias}.*{place} FROM {relation.source.format(it=it.alias)} "
        f"WHERE {' AND '.join([*where, *behind])} ORDER BY {ordered} LIMIT {limit}"
    )
    body = joined(_connection(objects, type_, fields, found))
    # One row, whatever there is, also when nothing in it is an aggregate.
    return [Expression(f"(SELECT {body} FROM ({rows}) AS {it.alias} HAVING true)")]


def _asked(given: Mapping[str, Any]) -> Page:
    first, last = given["first"], given["last"]
    if first is not None and last is not None:
        raise NotPlain("both first and last")
    name, wanted = ("first", DEFAULT if first is None else first) if last is None else ("last", last)

    def fitting(value: int) -> int:
        return size(name, value)

    at_most = wanted.then(fitting) if isinstance(wanted, Slot) else fitting(wanted)
    return Page(cast(int, at_most), given["after"], given["before"], is_backwards=last is not None)


def _where(objects: Objects, relation: Pages, given: Mapping[str, Any], it: Row, above: Row | None) -> list[str]:
    names = {"it": it.alias, **(above.aliases() if above else {})}
    of_parent = [relation.where.format(**names)] if relation.where else []
    return [*of_parent, *relation.conditions(given, objects.parameters, it.alias)]


def _count(objects: Objects, relation: Pages, given: Mapping[str, Any], above: Row | None, fields: Fields) -> str:
    if all(nodes[0].name.value != "totalCount" for nodes in fields.values()):
        return ""
    it = Row(objects.alias(), above)
    where = " AND ".join(_where(objects, relation, given, it, above))
    return f"(SELECT count(*) FROM {relation.source.format(it=it.alias)} WHERE {where})::text"


def _asks_for_more(objects: Objects, type_: GraphQLObjectType, fields: Fields, asked: Page) -> bool:
    """Whether it must be known if there is one more row."""
    info = object_type(type_.fields["pageInfo"])
    wanted = "hasPreviousPage" if asked.is_backwards else "hasNextPage"
    return any(
        selected[0].name.value == wanted
        for nodes in fields.values()
        if nodes[0].name.value == "pageInfo"
        for selected in objects.selections.of(info, nodes).values()
    )


def _connection(objects: Objects, type_: GraphQLObjectType, fields: Fields, found: _Found) -> list[Piece]:
    def member(name: str, nodes: list[FieldNode]) -> list[Piece]:
        of = type_.fields[name]
        match name:
            case "edges":
                return _list(_edge(objects, object_type(of), nodes, found), found)
            case "nodes":
                return _list(objects.object(object_type(of), nodes, found.row), found)
            case "pageInfo":
                return _page_info(objects, object_type(of), nodes, found)
            case "totalCount":
                return [Expression(found.count)]
            case _:
                raise NotPlain(name)

    return objects.written(type_, fields, member)


def _list(body: list[Piece], found: _Found) -> list[Piece]:
    return json_list(f"string_agg({joined(body)}, ',' ORDER BY {found.order}){found.shown}")


def _edge(objects: Objects, type_: GraphQLObjectType, nodes: list[FieldNode], found: _Found) -> list[Piece]:
    def member(name: str, selected: list[FieldNode]) -> list[Piece]:
        match name:
            case "cursor":
                return [Known('"'), Expression(found.keyset.cursor_sql(found.row.alias)), Known('"')]
            case "node":
                return objects.object(object_type(type_.fields[name]), selected, found.row)
            case _:
                raise NotPlain(name)

    return objects.written(type_, objects.selections.of(type_, nodes), member)


def _page_info(objects: Objects, type_: GraphQLObjectType, nodes: list[FieldNode], found: _Found) -> list[Piece]:
    cursors = f"(array_agg({found.keyset.cursor_sql(found.row.alias)} ORDER BY {found.order}){found.shown})"
    more = f"(count(*) > {found.at_most})::text"
    page = found.page
    values: dict[str, Piece] = {
        "hasNextPage": _flag(page.before is not None) if page.is_backwards else Expression(more),
        "hasPreviousPage": Expression(more) if page.is_backwards else _flag(page.after is not None),
        "startCursor": Expression(f"coalesce('\"' || {cursors}[1] || '\"', {NULL_SQL})"),
        "endCursor": Expression(f"coalesce('\"' || {cursors}[cardinality({cursors})] || '\"', {NULL_SQL})"),
    }
    return objects.written(type_, objects.selections.of(type_, nodes), lambda name, _: [values[name]])


def _flag(value: bool) -> Known:
    return Known("true" if value else "false")

"""Connections: a page of rows, its page information, and the number of rows in the whole list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from gateway.compiled.columns import Row
from gateway.compiled.objects import Objects
from gateway.compiled.selections import Fields, object_type
from gateway.compiled.text import NULL_SQL, Constant, Expression, Piece, joined, json_list
from gateway.compiled.values import NotCompilable
from gateway.fields.conditions import Conditions, PageOfRows, count_sql
from gateway.fields.keysets import Keyset
from gateway.fields.paging import DEFAULT_SIZE, Page, checked_size
from gateway.fields.parameters import Slot
from gateway.fields.relations import Pages


@dataclass(frozen=True)
class _PageRows:
    """The rows of one page in the SQL. When `at_most` is set there may be one more row, which is not shown."""

    row: Row
    keyset: Keyset
    page: Page
    at_most: str | None
    count: str

    @property
    def order(self) -> str:
        """The order of the list, in whichever direction the page was read."""
        return self.keyset.order_by(Page(), self.row.alias)

    @property
    def page_filter(self) -> str:
        return f" FILTER (WHERE {self.row.alias}.place <= {self.at_most})" if self.at_most else ""


def page(
    objects: Objects,
    field: GraphQLField,
    relation: Pages,
    given: Mapping[str, Any],
    nodes: list[FieldNode],
    above: Row | None,
) -> list[Piece]:
    """The JSON of a connection. Raises NotCompilable, BadInput and InvalidCursor."""
    type_ = object_type(field)
    fields = objects.selections.of(type_, nodes)
    page_request, keyset, it = _page_request(given), relation.keyset(given), Row(objects.alias(), above)
    conditions = _conditions(objects, relation, given, it, above)
    has_more = _needs_more(objects, type_, fields, page_request)
    at_most = objects.parameters.bind(page_request.size) + "::integer"
    page_rows = _PageRows(
        it, keyset, page_request, at_most if has_more else None, _count(objects, relation, given, above, fields)
    )
    ordered = keyset.order_by(page_request, it.alias)
    place = f", row_number() OVER (ORDER BY {ordered}) AS place" if has_more else ""
    limit = f"{at_most} + 1" if has_more else at_most
    page_of_rows = PageOfRows(relation.source.format(it=it.alias), it.alias, conditions, keyset, page_request)
    rows = page_of_rows.sql(objects.parameters, limit, f"{it.alias}.*{place}")
    body = joined(_connection(objects, type_, fields, page_rows))
    # HAVING makes it one row in any case, even when nothing is aggregated.
    return [Expression(f"(SELECT {body} FROM ({rows}) AS {it.alias} HAVING true)")]


def _page_request(given: Mapping[str, Any]) -> Page:
    first, last = given["first"], given["last"]
    if first is not None and last is not None:
        raise NotCompilable("both first and last")
    name, requested = ("first", DEFAULT_SIZE if first is None else first) if last is None else ("last", last)

    def fitting(value: int) -> int:
        return checked_size(name, value)

    at_most = requested.then(fitting) if isinstance(requested, Slot) else fitting(requested)
    return Page(cast(int, at_most), given["after"], given["before"], is_backwards=last is not None)


def _conditions(objects: Objects, relation: Pages, given: Mapping[str, Any], it: Row, above: Row | None) -> Conditions:
    found = relation.conditions(given, objects.parameters, it.alias)
    if not relation.where:
        return found
    names = {"it": it.alias, **(above.aliases() if above else {})}
    return Conditions([relation.where.format(**names), found.joined(it.alias)])


def _count(objects: Objects, relation: Pages, given: Mapping[str, Any], above: Row | None, fields: Fields) -> str:
    if all(nodes[0].name.value != "totalCount" for nodes in fields.values()):
        return ""
    it = Row(objects.alias(), above)
    conditions = _conditions(objects, relation, given, it, above)
    return f"({count_sql(relation.source.format(it=it.alias), conditions, it.alias)})::text"


def _needs_more(objects: Objects, type_: GraphQLObjectType, fields: Fields, page_request: Page) -> bool:
    """Whether the page information needs to know if there is one more row."""
    info = object_type(type_.fields["pageInfo"])
    requested = "hasPreviousPage" if page_request.is_backwards else "hasNextPage"
    return any(
        selected[0].name.value == requested
        for nodes in fields.values()
        if nodes[0].name.value == "pageInfo"
        for selected in objects.selections.of(info, nodes).values()
    )


def _connection(objects: Objects, type_: GraphQLObjectType, fields: Fields, page_rows: _PageRows) -> list[Piece]:
    def member(name: str, nodes: list[FieldNode]) -> list[Piece]:
        of = type_.fields[name]
        match name:
            case "edges":
                return _list(_edge(objects, object_type(of), nodes, page_rows), page_rows)
            case "nodes":
                return _list(objects.object(object_type(of), nodes, page_rows.row), page_rows)
            case "pageInfo":
                return _page_info(objects, object_type(of), nodes, page_rows)
            case "totalCount":
                return [Expression(page_rows.count)]
            case _:
                raise NotCompilable(name)

    return objects.written(type_, fields, member)


def _list(body: list[Piece], page_rows: _PageRows) -> list[Piece]:
    return json_list(f"string_agg({joined(body)}, ',' ORDER BY {page_rows.order}){page_rows.page_filter}")


def _edge(objects: Objects, type_: GraphQLObjectType, nodes: list[FieldNode], page_rows: _PageRows) -> list[Piece]:
    def member(name: str, selected: list[FieldNode]) -> list[Piece]:
        match name:
            case "cursor":
                return [Constant('"'), Expression(page_rows.keyset.cursor_sql(page_rows.row.alias)), Constant('"')]
            case "node":
                return objects.object(object_type(type_.fields[name]), selected, page_rows.row)
            case _:
                raise NotCompilable(name)

    return objects.written(type_, objects.selections.of(type_, nodes), member)


def _page_info(objects: Objects, type_: GraphQLObjectType, nodes: list[FieldNode], page_rows: _PageRows) -> list[Piece]:
    cursor = page_rows.keyset.cursor_sql(page_rows.row.alias)
    cursors = f"(array_agg({cursor} ORDER BY {page_rows.order}){page_rows.page_filter})"
    more = f"(count(*) > {page_rows.at_most})::text"
    page = page_rows.page
    values: dict[str, Piece] = {
        "hasNextPage": _flag(page.before is not None) if page.is_backwards else Expression(more),
        "hasPreviousPage": Expression(more) if page.is_backwards else _flag(page.after is not None),
        "startCursor": Expression(f"coalesce('\"' || {cursors}[1] || '\"', {NULL_SQL})"),
        "endCursor": Expression(f"coalesce('\"' || {cursors}[cardinality({cursors})] || '\"', {NULL_SQL})"),
    }
    return objects.written(type_, objects.selections.of(type_, nodes), lambda name, _: [values[name]])


def _flag(value: bool) -> Constant:
    return Constant("true" if value else "false")

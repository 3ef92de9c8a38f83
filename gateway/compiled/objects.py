"""The objects of an answer: their columns, and the rows of their relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
)

from gateway.compiled.arguments import arguments
from gateway.compiled.columns import Row, column_json, money_json
from gateway.compiled.selections import Fields, Selections, object_type
from gateway.compiled.text import BROKEN_SQL, NULL_SQL, Constant, Expression, Piece, joined, json_list, json_object
from gateway.compiled.values import NotCompilable
from gateway.fields.fields import COLUMN, RELATION, Column, columns_of
from gateway.fields.parameters import Parameters
from gateway.fields.relations import AnyOf, Computed, Keyed, Many, One, Pages, Relation

TYPENAME = "__typename"

MAX_FIELDS = 1000
"""The maximum number of fields of one statement, so that compiling ends early: with more, the SQL would be too long."""


class TooManyFields(NotCompilable):
    """A statement with more fields than MAX_FIELDS."""


PageCompiler = Callable[
    ["Objects", GraphQLField, Pages, Mapping[str, Any], list[FieldNode], Row | None],
    list[Piece],
]
"""Compiles a connection: its field, relation, arguments and nodes, and the row above."""


class Objects:
    """Compiles the objects of one operation, and collects its parameters."""

    def __init__(
        self, schema: GraphQLSchema, selections: Selections, variables: Mapping[str, Any], page: PageCompiler
    ) -> None:
        self.schema = schema
        self.selections = selections
        self.variables = variables
        self._page = page
        self.parameters = Parameters()
        self._rows = 0
        self._fields = 0

    def alias(self) -> str:
        """A new alias for a row."""
        self._rows += 1
        return f"t{self._rows}"

    def object(self, type_: GraphQLObjectType, nodes: Iterable[FieldNode], row: Row | None) -> list[Piece]:
        """The JSON of an object, or of the root, which has no row."""
        return self.members(type_, self.selections.of(type_, nodes), row)

    def members(self, type_: GraphQLObjectType, fields: Fields, row: Row | None) -> list[Piece]:
        """The JSON of an object with these fields."""
        return self.written(type_, fields, lambda name, nodes: self._field(type_, name, nodes, row))

    def written(
        self, type_: GraphQLObjectType, fields: Fields, member: Callable[[str, list[FieldNode]], Sequence[Piece]]
    ) -> list[Piece]:
        """The JSON of an object; `member` makes the JSON of a field from its name and its nodes."""

        def value(nodes: list[FieldNode]) -> Sequence[Piece]:
            self._fields += 1
            if self._fields > MAX_FIELDS:
                raise TooManyFields(str(MAX_FIELDS))
            name = nodes[0].name.value
            return [Constant(f'"{type_.name}"')] if name == TYPENAME else member(name, nodes)

        return json_object((key, value(nodes)) for key, nodes in fields.items())

    def _field(self, type_: GraphQLObjectType, name: str, nodes: list[FieldNode], row: Row | None) -> list[Piece]:
        field = type_.fields.get(name)
        if field is None:
            raise NotCompilable(name)  # introspection
        definition = field.extensions["strawberry-definition"]
        relation: Relation | None = definition.metadata.get(RELATION)
        if relation is not None:
            return self._related(field, relation, nodes, row)
        if row is None or COLUMN not in definition.metadata:
            raise NotCompilable(name)
        origin = type_.extensions["strawberry-definition"].origin
        column = columns_of(origin)[definition.python_name]
        if column.is_money:
            return self._money(field, nodes, row, column)
        if column.is_list:
            return self._elements(field, nodes, row, column.name)
        return column_json(field.type, column, row)

    def _related(self, field: GraphQLField, relation: Relation, nodes: list[FieldNode], row: Row | None) -> list[Piece]:
        given = arguments(field, nodes[0], self.variables)
        match relation:
            case One():
                return [self._one(field, relation, given, nodes, row)]
            case AnyOf():
                types = cast(Mapping[str, GraphQLObjectType], self.schema.type_map)
                found = [self._maybe(types[name], one, given, nodes, row) for name, one in relation.types.items()]
                return [Expression(f"coalesce({', '.join(found)}, {NULL_SQL})")]
            case Many():
                return self._many(field, relation, given, nodes, row)
            case Pages():
                return self._page(self, field, relation, given, nodes, row)
            case Keyed():
                return self._keyed(field, relation, given, nodes)
            case Computed():
                return [Expression(relation.json.format(**(row.aliases() if row else {})))]

    def _one(
        self, field: GraphQLField, relation: One, given: Mapping[str, Any], nodes: list[FieldNode], row: Row | None
    ) -> Expression:
        missing = BROKEN_SQL if isinstance(field.type, GraphQLNonNull) else NULL_SQL
        if row is not None and row.joins is not None and not relation.is_json:
            return self._joined(object_type(field), relation, nodes, row, row.joins, missing)
        return Expression(f"coalesce({self._maybe(object_type(field), relation, given, nodes, row)}, {missing})")

    def _joined(
        self,
        type_: GraphQLObjectType,
        relation: One,
        nodes: list[FieldNode],
        row: Row,
        joins: list[str],
        missing: str,
    ) -> Expression:
        """The JSON of the row, joined to the row above: cheaper than a subquery for each of many rows."""
        it = _row_of(relation, self.alias(), row, joins)
        names = {"it": it.alias, **row.aliases()}
        joins.append(f" LEFT JOIN {relation.source.format(**names)} ON {relation.where.format(**names)}")
        body = joined(self.object(type_, nodes, it))
        return Expression(f"(CASE WHEN {it.alias}.deleted IS NULL THEN {missing} ELSE {body} END)")

    def _maybe(
        self,
        type_: GraphQLObjectType,
        relation: One,
        given: Mapping[str, Any],
        nodes: list[FieldNode],
        row: Row | None,
    ) -> str:
        """The SQL of the JSON of the row, or NULL."""
        it = _row_of(relation, self.alias(), row)
        bound = {name: self.parameters.bind(given[name], relation.reads.get(name)) for name in given}
        names = {"it": it.alias, **bound, **(row.aliases() if row else {})}
        body = joined(self.object(type_, nodes, it))
        return f"(SELECT {body} FROM {relation.source.format(**names)} WHERE {relation.where.format(**names)})"

    def _many(
        self, field: GraphQLField, relation: Many, given: Mapping[str, Any], nodes: list[FieldNode], row: Row | None
    ) -> list[Piece]:
        if relation.copies and row and self.selections.names(nodes) <= set(relation.copied):
            return self._elements(field, nodes, row, relation.copies)
        above = row.aliases() if row else {}
        carried = {name: sql.format(**above) for name, sql in relation.carried.items()}
        # Not knowing how few the elements of an array are, the planner would join them to all rows of a table.
        it = Row(self.alias(), row, carried, is_json=relation.is_json, joins=None if relation.is_array else [])
        names = {"it": it.alias, **above}
        body = joined(self.object(object_type(field), nodes, it))
        where = [relation.where.format(**names)]
        if relation.conditions is not None:
            where += relation.conditions(given, self.parameters, it.alias)
        condition = f"WHERE {' AND '.join(where)}"
        source = relation.source.format(**names) + "".join(it.joins or ())
        if relation.is_array:  # whose columns may be NULL
            # The filter names the element even if the body does not: an aggregate that names only the row above, such
            # as the currency of an order, would be one over the rows above.
            aggregate = f"string_agg(coalesce({body}, {BROKEN_SQL}), ',') FILTER ({condition})"
            return json_list(f"(SELECT {aggregate} FROM {source})")
        aggregate = f"string_agg({body}, ',' ORDER BY {relation.order_by.format(**names)})"
        return json_list(f"(SELECT {aggregate} FROM {source} {condition})")

    def _keyed(
        self, field: GraphQLField, relation: Keyed, given: Mapping[str, Any], nodes: list[FieldNode]
    ) -> list[Piece]:
        it, keys = Row(self.alias(), joins=[]), self.alias()
        names = {"it": it.alias}
        requested = self.parameters.bind(given[relation.keys], relation.reads)
        body = joined(self.object(object_type(field), nodes, it))
        element = f"CASE WHEN {it.alias}.deleted IS NULL THEN {NULL_SQL} ELSE {body} END"
        source = (
            f"unnest({requested}::{relation.key_type}[]) WITH ORDINALITY AS {keys} (key, number) "
            f"LEFT JOIN {relation.source.format(**names)} "
            f"ON {relation.key.format(**names)} = {keys}.key AND {relation.where.format(**names)}"
        )
        return json_list(
            f"(SELECT string_agg({element}, ',' ORDER BY {keys}.number) FROM {source}{''.join(it.joins or ())})"
        )

    def _money(self, field: GraphQLField, nodes: list[FieldNode], row: Row, column: Column) -> list[Piece]:
        values = {
            "amount": Expression(money_json(row, column)),
            "currency": Expression(f"to_json({row.value('currency')})::text"),
        }

        def member(name: str, _: list[FieldNode]) -> list[Piece]:
            if name not in values:
                raise NotCompilable(name)
            return [values[name]]

        type_ = object_type(field)
        pieces = self.written(type_, self.selections.of(type_, nodes), member)
        if isinstance(field.type, GraphQLNonNull):
            return pieces
        return [Expression(f"(CASE WHEN {row.value(column.name)} IS NULL THEN {NULL_SQL} ELSE {joined(pieces)} END)")]

    def _elements(self, field: GraphQLField, nodes: list[FieldNode], row: Row, column: str) -> list[Piece]:
        if not isinstance(get_nullable_type(field.type), GraphQLList):
            raise NotCompilable(column)
        it = Row(self.alias(), row, is_json=True)
        body = joined(self.object(object_type(field), nodes, it))
        source = f"jsonb_array_elements({row.json_list(column)}) WITH ORDINALITY AS {it.alias} (value, number)"
        return json_list(f"(SELECT string_agg({body}, ',' ORDER BY {it.alias}.number) FROM {source})")


def _row_of(relation: One, alias: str, parent: Row | None, joins: list[str] | None = None) -> Row:
    above = parent.aliases() if parent else {}
    carried = {name: sql.format(**above) for name, sql in relation.carried.items()}
    return Row(alias, parent and parent.up(relation.levels_up), carried, relation.is_json, joins)

"""Operations on the gateway's schema made at random, the same for the same seed, with all that a selection can have."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_required_argument,
)

Values = Mapping[str, Sequence[Any]]
"""What to choose from, by the argument's or the input field's name, or by its type's."""

MOST_DEPTH = 5


@dataclass
class Operation:
    """One operation under construction."""

    schema: GraphQLSchema
    values: Values
    random: Random
    roots: Sequence[str]
    without: Collection[str] = ()
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    keys: int = 0

    def text(self) -> str:
        """The whole document."""
        assert self.schema.query_type is not None
        body = self._selections(self.schema.query_type, 0)
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return "\n".join([f"query Made{declared} {body}", *self.fragments])

    def repeated(self) -> str:
        """The whole document: some fields of the root under many aliases each, most with equal selections."""
        assert self.schema.query_type is not None
        parts: list[str] = []
        for name in self.random.sample(list(self.roots), k=self.random.randint(1, 3)):
            parts += self._aliases(self.schema.query_type.fields[name], name)
        self.random.shuffle(parts)
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return "\n".join([f"query Made{declared} {{ {' '.join(parts)} }}", *self.fragments])

    def _aliases(self, of: GraphQLField, name: str) -> Iterator[str]:
        selections = self._part(of)
        for number in range(self.random.randint(2, 12)):
            if number and self._chance(0.15):
                selections = self._part(of)
            self.keys += 1
            yield f"k{self.keys}: {name}{self._arguments(of.args, 0)}{self._condition()} {selections}"

    def _part(self, of: GraphQLField) -> str:
        """Selections of a field, that can stand under several aliases."""
        inside = get_named_type(of.type)
        assert isinstance(inside, GraphQLObjectType | GraphQLInterfaceType)
        selections = self._selections(inside, 1)
        if self._chance(0.5):
            return selections
        self.fragments.append(f"fragment Part{len(self.fragments)} on {inside.name} {selections}")
        return f"{{ ...Part{len(self.fragments) - 1} }}"

    def _chance(self, part: float) -> bool:
        return self.random.random() < part

    def _selections(self, of: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        names = (
            list(self.roots) if depth == 0 else [name for name in of.fields if name not in ("products", *self.without)]
        )
        chosen = self.random.sample(names, k=min(len(names), self.random.randint(1, 5)))
        parts = [part for name in chosen if (part := self._field(of.fields[name], name, depth))]
        if isinstance(of, GraphQLInterfaceType):
            parts += [
                self._on(name, depth)
                for name in ("Order", "Customer", "Product", "Category", "Store", "Stock")
                if self._chance(0.6)
            ]
        if not parts or self._chance(0.2):
            parts.append("__typename")
        if isinstance(of, GraphQLObjectType) and self._chance(0.15):
            parts = [self._fragment(of.name, parts), *parts[: self.random.randint(0, 1)]]
        return "{ " + " ".join(parts) + " }"

    def _on(self, name: str, depth: int) -> str:
        of = self.schema.type_map[name]
        assert isinstance(of, GraphQLObjectType)
        return f"... on {name}{self._condition()} {self._selections(of, depth)}"

    def _fragment(self, on: str, parts: list[str]) -> str:
        body = " ".join(parts)
        if self._chance(0.5):
            return f"... on {on}{self._condition()} {{ {body} }}"
        name = f"Part{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {on} {{ {body} }}")
        return f"...{name}{self._condition()}"

    def _field(self, of: GraphQLField, name: str, depth: int) -> str:
        inside = get_named_type(of.type)
        selections = ""
        if isinstance(inside, GraphQLObjectType | GraphQLInterfaceType):
            if depth >= MOST_DEPTH:
                return ""
            selections = " " + self._selections(inside, depth + 1)
        arguments = self._arguments(of.args, depth)
        alias = ""
        # Selections under one key would have to fit together, and so would types.
        if arguments or selections or name in self._ambiguous() or self._chance(0.2):
            self.keys += 1
            alias = f"k{self.keys}: "
        return f"{alias}{name}{arguments}{self._condition()}{selections}"

    def _ambiguous(self) -> set[str]:
        """The names of fields that have another type in another object."""
        types: dict[str, set[str]] = {}
        for each in self.schema.type_map.values():
            if isinstance(each, GraphQLObjectType):
                for name, of in each.fields.items():
                    types.setdefault(name, set()).add(str(of.type))
        return {name for name, found in types.items() if len(found) > 1}

    def _condition(self) -> str:
        if not self._chance(0.1):
            return ""
        value = self._chance(0.5)
        said = self._variable("Boolean!", value) if self._chance(0.5) else json.dumps(value)
        return f" @{self.random.choice(('skip', 'include'))}(if: {said})"

    def _arguments(self, of: Mapping[str, GraphQLArgument], depth: int) -> str:
        given = {name: each for name, each in of.items() if is_required_argument(each) or self._chance(0.4)}
        if "first" in given and "last" in given:
            del given[self.random.choice(("first", "last"))]
        if not given:
            return ""
        return "(" + ", ".join(f"{name}: {self._argument(name, each, depth)}" for name, each in given.items()) + ")"

    def _argument(self, name: str, of: GraphQLArgument, depth: int) -> str:
        value = None if self._may_be_null(of.type) else self._value(name, of.type, depth)
        as_variable = name not in ("first", "last") or depth == 0  # a variable there counts as the largest page
        if as_variable and self._chance(0.5):
            return self._variable(str(of.type), value)
        return self._literal(value, of.type)

    def _may_be_null(self, of: Any) -> bool:
        return not isinstance(of, GraphQLNonNull) and self._chance(0.1)

    def _value(self, name: str, of: Any, depth: int) -> Any:
        named = get_named_type(of)
        if isinstance(get_nullable_type(of), GraphQLList) and self._chance(0.8):
            return [self._value(name, named, depth) for _ in range(self.random.randint(1, 3))]
        if isinstance(named, GraphQLInputObjectType):
            chosen = {each: field.type for each, field in named.fields.items() if self._chance(0.2)}
            return {
                each: None if self._may_be_null(type_) else self._value(each, type_, depth)
                for each, type_ in chosen.items()
            }
        if isinstance(named, GraphQLEnumType):
            return self.random.choice(list(named.values))
        return self.random.choice(self.values.get(name, self.values.get(named.name, [None])))

    def _variable(self, of: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = value
        self.declared.append(f"${name}: {of}")
        return f"${name}"

    def _literal(self, value: Any, of: Any) -> str:
        named = get_named_type(get_nullable_type(of))
        if value is None:
            return "null"
        if isinstance(value, list):
            return "[" + ", ".join(self._element(each, named) for each in value) + "]"
        if isinstance(named, GraphQLInputObjectType):
            parts = (f"{name}: {self._literal(part, named.fields[name].type)}" for name, part in value.items())
            return "{" + ", ".join(parts) + "}"
        return str(value) if isinstance(named, GraphQLEnumType) else json.dumps(value)

    def _element(self, value: Any, named: Any) -> str:
        return self._variable(f"{named}!", value) if self._chance(0.2) else self._literal(value, named)


def made(
    schema: GraphQLSchema, values: Values, roots: Sequence[str], seed: int, without: Collection[str] = ()
) -> tuple[str, dict[str, Any]]:
    """A document with one operation, and its variables. Fields `without` these names are selected."""
    operation = Operation(schema, values, Random(seed), roots, without)
    return operation.text(), operation.variables


def made_of_aliases(
    schema: GraphQLSchema, values: Values, roots: Sequence[str], seed: int
) -> tuple[str, dict[str, Any]]:
    """A document with one operation that selects the same fields under many aliases, and its variables."""
    operation = Operation(schema, values, Random(seed), roots)
    return operation.repeated(), operation.variables

"""Plans: the statements that answer an operation, for each shape of its variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.compiled.objects import TYPENAME, Objects
from gateway.compiled.pages import page
from gateway.compiled.roots import query_of
from gateway.compiled.selections import Fields, Selections
from gateway.compiled.shapes import NOT_SERVED, Shapes
from gateway.compiled.statements import Query


class Plans(Shapes[Query]):
    """The statements of one validated operation."""

    def query(self, given: Mapping[str, Any]) -> Query | None:
        """The statements that answer the operation with these variables; None when it must run in the executor."""
        try:
            found = self._plan(given)
            return found[0].filled(found[1]) if found else None
        except NOT_SERVED:
            return None
        except Exception as error:  # a bug of the compiler: the executor answers, and reports errors of the client
            self._failed(error)
            return None

    def _compiled(
        self, fields: Fields, selections: Selections, variables: Mapping[str, Any]
    ) -> tuple[Query, int] | None:
        if all(nodes[0].name.value == TYPENAME for nodes in fields.values()):
            return None  # nothing to read from the database
        query = query_of(self._root, fields, lambda: Objects(self._schema, selections, variables, page))
        return (query, query.kept_bytes()) if query else None

"""The statements that answer an operation: one for all of it, or one that runs for each of many equal fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.fields.parameters import Slot

Parameters = list[Any]
"""The parameters of one run of a statement, or slots for them."""


class Statement(NamedTuple):
    """A statement, and the parameters of each of its runs. A run returns one row with one column: JSON, in UTF-8."""

    sql: str
    runs: list[Parameters]

    def filled(self, variables: Mapping[str, Any]) -> Statement:
        """The statement with its slots filled from these variables."""
        return Statement(self.sql, [_filled(each, variables) for each in self.runs])


class Member(NamedTuple):
    """A member of `data`: its key as it is written, and the run that returns `{"": value}` with its value."""

    key: bytes
    statement: int
    run: int


class Query(NamedTuple):
    """All statements of an operation. Without `members` there is one with one run, which returns the whole `data`."""

    statements: tuple[Statement, ...]
    members: tuple[Member, ...] = ()

    def filled(self, variables: Mapping[str, Any]) -> Query:
        """The query with its slots filled from these variables. Raises what their readers raise."""
        return Query(tuple([each.filled(variables) for each in self.statements]), self.members)

    def data(self, results: Sequence[Sequence[bytes]]) -> bytes:
        """The JSON of `data` from what each run of each statement returned."""
        if not self.members:
            return results[0][0]
        return b"{%s}" % b",".join(
            b'"%s":%s' % (key, results[statement][run][len(b'{"":') : -1]) for key, statement, run in self.members
        )

    def kept_bytes(self) -> int:
        """About the memory that the query takes while it is kept."""
        values = sum(_count(value) for each in self.statements for run in each.runs for value in run)
        return OF_A_VALUE * values + sum(len(each.sql) for each in self.statements)


OF_A_VALUE = 200
"""The memory of a parameter, or of each value of a list, in bytes."""


def _count(parameter: Any) -> int:
    return len(parameter) if isinstance(parameter, list) else 1


def _filled(run: Parameters, variables: Mapping[str, Any]) -> Parameters:
    return [each.value(variables) if isinstance(each, Slot) else each for each in run]

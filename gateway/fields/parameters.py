"""The parameters of a statement: values, or slots that each request fills from its variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Read = Callable[[Any], Any]


class Slot:
    """A value that each request brings: a variable, or a part of one."""

    __slots__ = ("path", "reads")

    def __init__(self, path: tuple[str, ...], reads: tuple[Read, ...] = ()) -> None:
        self.path = path
        self.reads = reads

    def then(self, read: Read) -> Slot:
        """The slot of this value, converted by `read`."""
        return Slot(self.path, (*self.reads, read))

    def value(self, variables: Mapping[str, Any]) -> Any:
        """The value in one request. Raises what its readers raise."""
        value: Any = variables
        for part in self.path:
            value = value[part]
        for read in self.reads:
            value = read(value)
        return value


class Parameters:
    """The parameters of one statement, in their order."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def bind(self, value: Any, read: Read | None = None) -> str:
        """Add a value or a slot, converted by `read`. Returns its placeholder in the SQL."""
        if read is not None:
            value = value.then(read) if isinstance(value, Slot) else read(value)
        self.values.append(value)
        return f"${len(self.values)}"

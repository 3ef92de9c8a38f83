"""The parameters of a statement: values, or slots that each request fills from its variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Read = Callable[[Any], Any]


SEVERAL = 2
"""The size of all lists with at least two values: plans are the same for them."""


def size_of(values: Sequence[Any] | Slot) -> int:
    """The size of a list, or of the list that a slot brings; at most SEVERAL."""
    return values.size if isinstance(values, Slot) else min(len(values), SEVERAL)


class Slot:
    """A value that each request brings: a variable, or a part of one. `size` is that of a list, at most SEVERAL."""

    __slots__ = ("path", "reads", "size")

    def __init__(self, path: tuple[str, ...], reads: tuple[Read, ...] = (), size: int = 1) -> None:
        self.path = path
        self.reads = reads
        self.size = size

    def then(self, read: Read) -> Slot:
        """The slot of this value, converted by `read`."""
        return Slot(self.path, (*self.reads, read), self.size)

    def value(self, variables: Mapping[str, Any]) -> Any:
        """The value in one request. Raises what its readers raise."""
        value: Any = variables
        for part in self.path:
            value = value[part]
        for read in self.reads:
            value = read(value)
        return value


class ListSlot(Slot):
    """A list some of whose values each request brings."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Any], reads: tuple[Read, ...] = ()) -> None:
        super().__init__((), reads, size_of(values))
        self.values = values

    def then(self, read: Read) -> ListSlot:
        """The slot of this list, converted by `read`."""
        return ListSlot(self.values, (*self.reads, read))

    def value(self, variables: Mapping[str, Any]) -> Any:
        """The list in one request. Raises what its readers raise."""
        value: Any = [each.value(variables) if isinstance(each, Slot) else each for each in self.values]
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

"""The part of a list that a request selects."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import BadInput

MAX_SIZE = 100
DEFAULT_SIZE = 20


@dataclass(frozen=True)
class Page:
    """The part of a list that a request selects: `size` entries between two cursors, from the front or the back."""

    size: int = DEFAULT_SIZE
    after: str | None = None
    before: str | None = None
    is_backwards: bool = False

    @classmethod
    def of_arguments(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
        """The page for a field's arguments. Raises BadInput."""
        if first is not None and last is not None:
            raise BadInput("send `first` or `last`, not both")
        if last is not None:
            return cls(checked_size("last", last), after, before, is_backwards=True)
        return cls(DEFAULT_SIZE if first is None else checked_size("first", first), after, before)


def checked_size(argument: str, value: int) -> int:
    """The value, if it is a valid page size. Raises BadInput naming the argument."""
    if not 1 <= value <= MAX_SIZE:
        raise BadInput(f"`{argument}` must be from 1 to {MAX_SIZE}, not {value}")
    return value

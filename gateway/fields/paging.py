"""Which part of a list is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import BadInput

MOST = 100
DEFAULT = 20


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for: `size` entries between two cursors, from the front or from the back."""

    size: int = DEFAULT
    after: str | None = None
    before: str | None = None
    is_backwards: bool = False

    @classmethod
    def asked(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
        """The page that a field's arguments ask for. Raises BadInput."""
        if first is not None and last is not None:
            raise BadInput("give `first` or `last`, not both")
        if last is not None:
            return cls(size("last", last), after, before, is_backwards=True)
        return cls(DEFAULT if first is None else size("first", first), after, before)


def size(argument: str, value: int) -> int:
    """`value`, when a page may be that big. Raises BadInput naming the argument."""
    if not 1 <= value <= MOST:
        raise BadInput(f"`{argument}` is from 1 to {MOST}, not {value}")
    return value

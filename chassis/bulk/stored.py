"""Types of exported lines: every value that the column and its views can hold; stored values are not validated again.

Such a line restores a row, although its currency or country may have been retired since (decision 25).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field

from chassis.types.numbers import PlainDecimal
from chassis.types.text import STORABLE, storable

_ASCII = r"^[\x01-\x7f]*$"

StoredText = Annotated[str, Field(json_schema_extra={"pattern": STORABLE}), AfterValidator(storable)]
"""Any text that the databases can hold."""

StoredWord = Annotated[StoredText, Field(max_length=50)]
StoredName = Annotated[StoredText, Field(max_length=100)]
StoredLine = Annotated[StoredText, Field(max_length=200)]
StoredEmail = Annotated[StoredText, Field(max_length=320)]
StoredProse = Annotated[StoredText, Field(max_length=2000)]
StoredDescription = Annotated[StoredText, Field(max_length=16_383)]
StoredCountry = Annotated[str, Field(max_length=2, pattern=_ASCII)]
StoredCurrency = Annotated[str, Field(max_length=3, pattern=_ASCII)]
StoredStatus = Annotated[str, Field(max_length=20, pattern=_ASCII)]
StoredSku = Annotated[StoredText, Field(max_length=64)]

StoredMoney = Annotated[PlainDecimal, Field(gt=-(10**15), lt=10**15, decimal_places=4)]
StoredFraction = Annotated[PlainDecimal, Field(gt=-10, lt=10, decimal_places=4)]
StoredMeasure = Annotated[PlainDecimal, Field(gt=-(10**9), lt=10**9, decimal_places=3)]
StoredDegrees = Annotated[PlainDecimal, Field(gt=-1000, lt=1000, decimal_places=6)]
StoredInt = Annotated[int, Field(ge=-(2**31), lt=2**31, strict=True)]

KEPT, NEW = "(exported)", "(new)"
"""The two kinds of lines, as pydantic names them in the locations of errors; no member has these names."""


def _kind(value: Any) -> str:
    exported = value.get("exported") if isinstance(value, dict) else getattr(value, "exported", None)
    return NEW if exported is None else KEPT


BY_EXPORTED = Discriminator(_kind)
"""Distinguishes exported lines from new ones."""


def place_in_line(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The location of a fault without the kind of line."""
    return tuple(step for step in loc if step not in (KEPT, NEW))

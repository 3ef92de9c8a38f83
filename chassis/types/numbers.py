"""Decimal numbers in JSON: taken as a number or as a plain string such as "12.50", and how they are shown."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_PLAIN = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


def _plain(value: object) -> object:
    """Python's Decimal also takes "1_000", "1e3" and the digits of other scripts; a client who sends them errs."""
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        raise ValueError("must be a number such as 12.50")
    return value


def whole(value: object) -> object:
    """A number such as 3.0 is whole: JSON knows no other kind of number, and some clients write all of them so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


PlainDecimal = Annotated[Decimal, BeforeValidator(_plain)]
"""A decimal, written as a JSON number or a plain string."""

SHOWN_AS_NUMBER = PlainSerializer(float, return_type=float, when_used="json")
"""Shown as a JSON number: for measures, whose few digits a float holds exactly. Money is a string."""

StoredBool = Annotated[bool, BeforeValidator(bool)]
"""A BOOLEAN of a row, which holds any small number: all but 0 are true."""

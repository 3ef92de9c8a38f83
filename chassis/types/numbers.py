"""Decimal numbers in JSON: input as a number or a plain string such as "12.50", and output."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_PLAIN = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


def _plain(value: object) -> object:
    """Rejects "1_000", "1e3" and digits of other scripts, which Python's Decimal accepts."""
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        raise ValueError("must be a number such as 12.50")
    return value


def whole(value: object) -> object:
    """An integer for a number such as 3.0: JSON has one number type, and some clients write all numbers so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


PlainDecimal = Annotated[Decimal, BeforeValidator(_plain)]
"""A decimal, written as a JSON number or a plain string."""

SHOWN_AS_NUMBER = PlainSerializer(float, return_type=float, when_used="json")
"""Output as a JSON number: for measures, whose few digits a float holds exactly. Money is a string."""

StoredBool = Annotated[bool, BeforeValidator(bool)]
"""A BOOLEAN column, which holds any small integer: all but 0 are true."""

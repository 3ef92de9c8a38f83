"""A line of a company's files: the base of its types, and its members as a request body has them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

Body = dict[str, Any]

Exported = dict[str, Any]
"""What a service generated for a row (its id, times and version), as an export contains it."""


class Line(msgspec.Struct, kw_only=True, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A part of the files. A member with an unknown name is refused: it is a typo, and its value would be lost."""


def body_of(line: Line, *left_out: str, exported: Exported | None = None) -> Body:
    """The line's members under their JSON names, except `exported` and those `left_out`; decimals as plain text.

    Other systems write an empty text for none: it becomes None. Texts of an `exported` line stay as they are.
    """
    is_exported = exported is not None
    return {
        field.encode_name: _sent(getattr(line, field.name), keeps_empty=is_exported or field.default is not None)
        for field in _fields(type(line))
        if field.name not in left_out
    }


def exported_member(exported: Exported | None) -> Body:
    """The member `exported` of a body, where there is one."""
    return {} if exported is None else {"exported": exported}


def sku_text(sku: str | int) -> str:
    """A SKU as the service stores it; some systems write numbers."""
    return unicodedata.normalize("NFC", str(sku)).strip()


def text_or_none(text: str | None) -> str | None:
    """The text, or None when it is blank."""
    return text if text and text.strip() else None


def without_nulls(members: Mapping[str, Any]) -> Body:
    """The members that have a value: a line leaves the others out."""
    return {name: value for name, value in members.items() if value is not None}


@cache
def _fields(kind: type[Line]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return tuple(field for field in msgspec.structs.fields(kind) if field.name != "exported")


def _sent(value: Any, *, keeps_empty: bool) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if keeps_empty or not isinstance(value, str) else text_or_none(value)

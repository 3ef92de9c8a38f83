"""Addresses in a company's files, the request bodies made from them, and what makes two of them the same. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from oms.company.lines.base import Body, Exported, Line, body_of, exported_member
from oms.company.lines.countries import alpha_2

AddressKey = tuple[str | None, ...]
"""The values of an address, so that two can be compared."""


class Address(Line, kw_only=True, frozen=True):
    """A postal address, of a customer or of an order's delivery. Latitude and longitude are degrees (WGS 84)."""

    recipient: str | None = None
    company: str | None = None
    phone: str | None = None
    street_type: str | None = None
    street: str
    number: str | None = None
    building: str | None = None
    department: str | None = None
    reference: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class CustomerAddress(Address, kw_only=True, frozen=True):
    """An address in the customer's own line."""

    exported: Exported | None = None


_DEGREES = ("latitude", "longitude")
_TEXTS = tuple(field.encode_name for field in msgspec.structs.fields(Address) if field.encode_name not in _DEGREES)


def address_body(address: Address) -> Body:
    """An address in a line of POST /customers/bulk. Raises ValueError for an unknown country."""
    exported = address.exported if isinstance(address, CustomerAddress) else None
    return {
        **body_of(address, exported=exported),
        "country": address.country if exported else alpha_2(address.country),
        **exported_member(exported),
    }


def address_key(body: Mapping[str, Any]) -> AddressKey:
    """The values of an address as the service stores them: texts in NFC and trimmed, degrees with six decimals.

    An exported address equals only one with the same id.
    """
    values = (*(_stored(body.get(name)) for name in _TEXTS), *(_rounded(body.get(name)) for name in _DEGREES))
    return (*values, str(body["exported"].get("id"))) if "exported" in body else values


def _stored(text: Any) -> str | None:
    return unicodedata.normalize("NFC", text).strip() or None if isinstance(text, str) else None


def _rounded(degrees: str | None) -> str | None:
    return None if degrees is None else f"{Decimal(degrees):.6f}"

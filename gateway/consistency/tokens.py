"""Consistency tokens, which writes answer with: the least version of a thing that a read must see."""

from __future__ import annotations

import re
from time import time
from typing import NamedTuple
from urllib.parse import unquote

from chassis.rest.etags import consistency_token
from gateway.errors import BadInput
from gateway.fields.nodes import key_of
from gateway.fields.scalars import is_uuid, read_uuid

INVENTORY = "inventory"
"""The kind of tokens for all that central knew of stock at a time: their version is that time in ms since 1970."""

_KINDS = (
    "order", "customer", "address", "product", "category", "store", "stock", "reservation", "sourcing", "policy",
    "restock", "shipment", "return", "depot",
)  # fmt: skip
_NAMED = ("product", "category", "store", "stock", "reservation", "policy", "depot")
"""Kinds whose ids are texts and not UUIDs."""

_TOKEN = re.compile(r"([a-z]+):((?:[A-Za-z0-9._~-]|%[0-9A-F]{2}){1,800}):([0-9]{1,18})", re.ASCII)

MAX_TOKENS = 20
"""The maximum number of writes that one read can wait for."""


class Token(NamedTuple):
    """At least this version of the thing with this id; the id of a product is its SKU, that of a category its slug.

    `stock` is the row of a store, which the read model shows once central has it; `reservation`, with the same ids, is
    the row of central with the units that are reserved.
    """

    kind: str
    identity: str
    version: int

    def __str__(self) -> str:
        return consistency_token(*self)


def read_tokens(text: str) -> list[Token]:
    """The tokens in a header or an argument, separated by commas. Raises BadInput."""
    tokens = [_token(each.strip()) for each in text.split(",") if each.strip()]
    if not tokens or len(tokens) > MAX_TOKENS:
        raise BadInput(f"give 1 to {MAX_TOKENS} consistency tokens, separated by commas")
    return tokens


def _token(text: str) -> Token:
    found = _TOKEN.fullmatch(text)
    if found is None or found[1] not in _KINDS:
        raise _malformed()
    kind, identity, version = found.groups()
    name = _name(identity) if kind in _NAMED else str(read_uuid(identity))
    if kind == "policy" or (kind == "reservation" and is_uuid(identity)):
        # Of several SKUs, and no row of the read model. It was committed before its token came here.
        return Token(INVENTORY, name, int(time() * 1000))
    return Token(kind, name, int(version))


def _name(encoded: str) -> str:
    """A SKU or a slug. Raises BadInput for a malformed one, with which the lookup of all waiting reads would fail."""
    name = key_of(unquote(encoded))
    if name is None:
        raise _malformed()
    return name


def _malformed() -> BadInput:
    return BadInput("a consistency token must be the `Consistency-Token` of a write, unchanged")

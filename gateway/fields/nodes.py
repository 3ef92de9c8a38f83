"""Nodes: objects that can be fetched by their id alone, as in Relay.

Source: https://relay.dev/graphql/objectidentification.htm
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import strawberry

from gateway.errors import BadInput
from gateway.fields.scalars import read_text, read_uuid

_PRODUCT = "product:"
_CATEGORY = "category:"
_STORE = "store:"
_STOCK = "stock:"


@strawberry.interface(description="An object that can be fetched by its `id` alone.")
class Node:
    """An object that can be fetched by its id alone."""

    id: strawberry.ID = strawberry.field(
        description="Identifies it among all nodes: the UUID that REST uses too, or `product:` and the SKU, "
        "`category:` and the slug, `store:` and the store's id, `stock:` and the store's id, `/` and the SKU."
    )


def product_id(sku: str) -> str:
    """The id of a product among all nodes; a SKU alone could look like another node's id."""
    return f"{_PRODUCT}{sku}"


def sku_in(node_id: str) -> str | None:
    """The SKU in the id of a product; None for other ids."""
    return node_id.removeprefix(_PRODUCT) if node_id.startswith(_PRODUCT) else None


def category_id(slug: str) -> str:
    """The id of a category among all nodes."""
    return f"{_CATEGORY}{slug}"


def slug_in(node_id: str) -> str | None:
    """The slug in the id of a category; None for other ids."""
    return node_id.removeprefix(_CATEGORY) if node_id.startswith(_CATEGORY) else None


def store_node_id(store_id: str) -> str:
    """The id of a store among all nodes."""
    return f"{_STORE}{store_id}"


def store_in(node_id: str) -> str | None:
    """The store's own id in the id of a store; None for other ids."""
    return node_id.removeprefix(_STORE) if node_id.startswith(_STORE) else None


def stock_node_id(stock_id: str) -> str:
    """The id of a SKU's stock in a store among all nodes."""
    return f"{_STOCK}{stock_id}"


def stock_in(node_id: str) -> str | None:
    """The stock's own id in the id of a stock; None for other ids."""
    return node_id.removeprefix(_STOCK) if node_id.startswith(_STOCK) else None


def uuid_of(node_id: Any) -> UUID | None:
    """The UUID of an id; None for a malformed one, which is like one that no row has."""
    try:
        return read_uuid(node_id)
    except BadInput:
        return None


def key_of(text: str) -> str | None:
    """A SKU or another textual key from a client, trimmed; None for a malformed one, which is like an unknown one."""
    try:
        return read_text(text, "key")
    except BadInput:
        return None

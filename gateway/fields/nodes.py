"""Nodes: objects that can be fetched by their id alone, as in Relay.

Source: https://relay.dev/graphql/objectidentification.htm
"""

from __future__ import annotations

from uuid import UUID

import strawberry

from gateway.errors import BadInput
from gateway.fields.scalars import read_uuid

_PRODUCT = "product:"


@strawberry.interface(description="An object that can be fetched by its `id` alone.")
class Node:
    """An object that can be fetched by its id alone."""

    id: strawberry.ID = strawberry.field(
        description="Identifies it among all nodes: the UUID that REST uses too, or `product:` and the SKU."
    )


def product_id(sku: str) -> str:
    """The id of a product among all nodes; a SKU alone could look like another node's id."""
    return f"{_PRODUCT}{sku}"


def sku_in(node_id: str) -> str | None:
    """The SKU in the id of a product; None for other ids."""
    return node_id.removeprefix(_PRODUCT) if node_id.startswith(_PRODUCT) else None


def uuid_in(node_id: str) -> UUID:
    """The UUID in the id of any other node. Raises BadInput."""
    try:
        return read_uuid(node_id)
    except BadInput as error:
        raise BadInput("An id must be the value of a node's field `id`, unchanged.") from error

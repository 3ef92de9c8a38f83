"""What can be asked for again by its id alone, as Relay has it.

Source: https://relay.dev/graphql/objectidentification.htm
"""

from __future__ import annotations

from uuid import UUID

import strawberry

from gateway.errors import BadInput
from gateway.fields.scalars import read_uuid

_PRODUCT = "product:"


@strawberry.interface(description="A thing that can be asked for again by its `id` alone.")
class Node:
    """A thing that can be asked for again by its id alone."""

    id: strawberry.ID = strawberry.field(
        description="Identifies it among all nodes: the UUID that REST shows too, or `product:` and the SKU."
    )


def product_id(sku: str) -> str:
    """The id of a product among all nodes; a SKU alone could look like another's."""
    return f"{_PRODUCT}{sku}"


def sku_in(node_id: str) -> str | None:
    """The SKU, when the id is that of a product."""
    return node_id.removeprefix(_PRODUCT) if node_id.startswith(_PRODUCT) else None


def uuid_in(node_id: str) -> UUID:
    """The UUID that the id of any other node is. Raises BadInput."""
    try:
        return read_uuid(node_id)
    except BadInput as error:
        raise BadInput("An id is what the field `id` of a node shows, unchanged.") from error

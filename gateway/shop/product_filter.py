"""Which products a client asks for."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from gateway.errors import BadInput
from gateway.fields.texts import cleaned
from search.request import ProductQuery

MOST_CHOICES = 50


@strawberry.input(description="Products that fit all that is given; null is like not given.")
class ProductFilter:
    """Products that fit all that is given."""

    hierarchy: list[str] | None = strawberry.field(
        default=None, description=f"In one of these places of the shop's tree, by name. At most {MOST_CHOICES}."
    )
    type: list[str] | None = strawberry.field(
        default=None, description=f"Of one of these types. At most {MOST_CHOICES}."
    )
    price_from: Decimal | None = strawberry.field(
        default=None, description="At this price or a higher one; say the `currency` as well."
    )
    price_to: Decimal | None = strawberry.field(
        default=None, description="At this price or a lower one; say the `currency` as well."
    )
    currency: str | None = strawberry.field(default=None, description="Priced in this currency: ISO 4217, such as USD.")
    active: bool | None = strawberry.field(
        default=None, description="Whether it can be ordered. Not given: both, those that can be ordered first."
    )


def wanted(text: str | None, given: ProductFilter | None) -> ProductQuery:
    """What is asked of the index. Raises BadInput."""
    given = given or ProductFilter()
    if given.currency is None and (given.price_from is not None or given.price_to is not None):
        raise BadInput("prices are compared in one `currency`: give that as well")
    return ProductQuery(
        text=None if text is None else cleaned(text, "text"),
        hierarchies=_choices("hierarchy", given.hierarchy),
        types=_choices("type", given.type),
        price_from=given.price_from,
        price_to=given.price_to,
        currency=None if given.currency is None else cleaned(given.currency, "currency").upper(),
        active=given.active,
    )


def _choices(name: str, given: list[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    if not 1 <= len(given) <= MOST_CHOICES:
        raise BadInput(f"`{name}` has 1 to {MOST_CHOICES} choices")
    return tuple(cleaned(each, name) for each in given)

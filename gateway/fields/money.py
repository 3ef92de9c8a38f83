"""Money as the schema shows it."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from contracts import money


@strawberry.type(description="An amount in its currency.")
class Money:
    """An amount with exactly the decimals that its currency has, or a price with at least those."""

    amount: Decimal = strawberry.field(
        description='With the decimals of the currency: "440.00" USD, "440" JPY; of a price, more where it has more.'
    )
    currency: str = strawberry.field(description="ISO 4217, such as USD.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """The amount rounded to the currency's decimals."""
        return cls(amount=money.round_amount(amount, currency), currency=currency)

    @classmethod
    def price(cls, of_one: Decimal, currency: str) -> Money:
        """What one unit costs, which is never rounded."""
        return cls(amount=money.price(of_one, currency), currency=currency)

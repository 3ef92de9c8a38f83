"""Money as the schema shows it."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from contracts import money


@strawberry.type(description="An amount in its currency.")
class Money:
    """An amount with exactly the decimals that its currency has."""

    amount: Decimal = strawberry.field(
        description='With exactly the decimals of the currency: "440.00" USD, "440" JPY.'
    )
    currency: str = strawberry.field(description="ISO 4217, such as USD.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """The amount rounded to the currency's decimals. Raises ValueError for an unknown currency."""
        return cls(amount=money.rounded(amount, currency), currency=currency)

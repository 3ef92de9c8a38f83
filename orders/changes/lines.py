"""The decision about changed lines of an order. Pure, like `rules`.

An existing line is identified by its id. Its units keep the terms they were ordered at, even if the product has changed
or is deleted. Additional units are ordered at current terms, on a line of their own if those differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from contracts.money import format_price
from contracts.orders import DeliveryAddress
from contracts.sizes import MOST_LINES
from orders.placement.rules import (
    InvalidOrder,
    Line,
    OrderTerms,
    PriceDiffers,
    amount_of,
    charged,
    check_for_sale,
    check_shown_prices,
    delivered_to,
    within_limits,
)
from orders.refusal import Violation
from orders.replica.references import Address, LineRequest, References, UnknownReference, check_references


@dataclass(frozen=True)
class LineChange:
    """One line of the new list. `line_id` identifies an existing line, which may keep its discount."""

    request: LineRequest
    line_id: UUID | None = None
    keeps_discount: bool = False


@dataclass(frozen=True)
class CurrentOrder:
    """The order before the change: its currency, its lines by their ids, its delivery addresses."""

    currency: str
    lines: Mapping[UUID, Line]
    delivery_addresses: Sequence[DeliveryAddress]


def change(held: CurrentOrder, customer_id: UUID, changed: Sequence[LineChange], known: References) -> OrderTerms:
    """Decide the new lines of an order. Raises UnknownReference, NotForSale, PriceDiffers or InvalidOrder."""
    _check_ids(held, changed)
    known = _with_addresses_of(held, customer_id, known)
    requested = {number: line.request for number, line in enumerate(changed)}
    kept = {
        number: _kept(held.lines[line.line_id], line, held.currency)
        for number, line in enumerate(changed)
        if line.line_id
    }
    new = {number: more for number, line in requested.items() if (more := _beyond(line, kept.get(number)))}
    check_references(customer_id, requested, known, held=requested.keys() - new.keys())
    check_for_sale(new, known, held.currency)
    _check_kept_prices(held, requested, kept)
    check_shown_prices(new, known)
    lines = [(number, line) for number in requested for line in _lines(kept.get(number), new.get(number), held, known)]
    if len(lines) > MOST_LINES:
        raise InvalidOrder(
            [Violation("#/lines", f"the order would have {len(lines)} lines; the limit is {MOST_LINES}")]
        )
    placed_lines = [line for _, line in lines]
    placed = OrderTerms(held.currency, placed_lines, delivered_to(placed_lines, known))
    return within_limits(placed, [number for number, _ in lines])


def _kept(line: Line, changed: LineChange, currency: str) -> Line:
    """The units of an existing line that stay."""
    requested = changed.request
    quantity = min(line.quantity, requested.quantity)
    discount = line.discount if changed.keeps_discount else requested.discount
    return _of(replace(line, delivery_address_id=requested.delivery_address_id), quantity, discount, currency)


def _of(line: Line, quantity: int, discount: Decimal, currency: str) -> Line:
    """The line with another quantity or discount. The amount is computed only if one of them changes."""
    if (quantity, discount) == (line.quantity, line.discount):
        return line
    amount = amount_of(quantity, line.unit_price, discount, currency)
    return replace(line, quantity=quantity, discount=discount, amount=amount)


def _beyond(requested: LineRequest, kept: Line | None) -> LineRequest | None:
    """The additional units."""
    more = requested.quantity - (kept.quantity if kept else 0)
    return replace(requested, quantity=more) if more else None


def _lines(kept: Line | None, new: LineRequest | None, held: CurrentOrder, known: References) -> Iterator[Line]:
    """The lines that result from one requested line: two if its units have different terms."""
    more = charged(new, known.products[new.sku]) if new else None
    if kept and more and _terms(kept) == _terms(more):
        yield _of(kept, kept.quantity + more.quantity, kept.discount, held.currency)
        return
    if kept:
        yield kept
    if more:
        yield more


def _terms(line: Line) -> object:
    return line.product_name, line.unit_price, line.discount


def _with_addresses_of(held: CurrentOrder, customer_id: UUID, known: References) -> References:
    """`known`, with the delivery addresses as the order has them, even if they were changed or deleted since."""
    addresses = {each.address_id: Address(customer_id, each) for each in held.delivery_addresses}
    return replace(known, addresses={**known.addresses, **addresses})


def _check_ids(held: CurrentOrder, changed: Sequence[LineChange]) -> None:
    unknown, violations, seen = [], [], set()
    for number, line in enumerate(changed):
        if line.line_id is None:
            continue
        there = held.lines.get(line.line_id)
        if there is None:
            unknown.append(Violation(f"#/lines/{number}/id", f"the order has no line {line.line_id}"))
        elif line.line_id in seen:
            violations.append(Violation(f"#/lines/{number}/id", f"duplicate line {line.line_id}"))
        elif there.sku != line.request.sku:
            violations.append(Violation(f"#/lines/{number}/sku", f"line {line.line_id} is for product {there.sku}"))
        seen.add(line.line_id)
    if unknown:
        raise UnknownReference(unknown)
    if violations:
        raise InvalidOrder(violations)


def _check_kept_prices(held: CurrentOrder, requested: Mapping[int, LineRequest], kept: Mapping[int, Line]) -> None:
    violations = []
    for number, line in kept.items():
        if requested[number].unit_price not in (None, line.unit_price):
            price = f"{format_price(line.unit_price, held.currency)} {held.currency}"
            violations.append(Violation(f"#/lines/{number}/unitPrice", f"this line was ordered at {price}"))
    if violations:
        raise PriceDiffers(violations)

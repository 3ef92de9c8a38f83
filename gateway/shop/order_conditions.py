"""The SQL conditions on orders and customers: only those of the given filters, so each combination has its plan."""

from __future__ import annotations

import re
from typing import Any

from chassis.types.emails import MAX_EMAIL, as_stored
from gateway.errors import BadInput
from gateway.fields.parameters import Parameters
from gateway.fields.scalars import read_text
from gateway.shop.names import WORDS_IN_SQL, as_tsquery
from gateway.shop.order_inputs import CustomerFilter, OrderFilter, OrderStatus

_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")

_COUNTRIES = "jsonb_path_query_array({o}.delivery_addresses, '$[*].country')"
"""Must be written as in the index `shown_order_by_country`."""

# An array is computed once, and its customers are then looked up one by one. For a subquery the planner does not know
# how few match, and would read all customers, or all orders, newest first.
_OF_THAT_NAME = (
    "{c}.customer_id = ANY(ARRAY(SELECT named.customer_id FROM customer AS named WHERE NOT named.deleted AND "
    + WORDS_IN_SQL.format(c="named")
    + " @@ {name}::text::tsquery))"
)


def order_conditions(filter: OrderFilter, parameters: Parameters, o: str) -> list[str]:
    """The conditions of the rows `o` of shown_order that match and are not deleted. Raises BadInput."""
    found = [f"NOT {o}.deleted"]

    def add(condition: str, value: Any, read: Any = None) -> None:
        if value is not None:
            found.append(condition.format(parameters.bind(value, read), o=o))

    add("{o}.order_id = {}", filter.order_id)
    add("{o}.customer_id = {}", filter.customer_id)
    add("{o}.status = {}", filter.status, _status)
    add("{o}.placed_at >= {}", filter.placed_from)
    add("{o}.placed_at < {}", filter.placed_to)
    add("{o}.total >= {}", filter.total_from)
    add("{o}.total <= {}", filter.total_to)
    add("{o}.currency = {}", filter.currency, _currency)
    add(
        "EXISTS (SELECT FROM order_line AS sold WHERE sold.sku = {} AND sold.order_id = {o}.order_id "
        "AND sold.lines_version = {o}.lines_version AND NOT sold.deleted)",
        filter.sku,
        lambda sku: read_text(sku, "filter.sku"),
    )
    add(_COUNTRIES + " @> {}::jsonb", filter.country, _countries)
    if filter.customer is not None:
        fitting = customer_conditions(filter.customer, parameters, "c", "filter.customer")
        customers = f"SELECT c.customer_id FROM customer AS c WHERE {' AND '.join(fitting)}"
        are_few = len(fitting) > 1
        found.append(f"{o}.customer_id = ANY(ARRAY({customers}))" if are_few else f"{o}.customer_id IN ({customers})")
    return found


def customer_conditions(filter: CustomerFilter, parameters: Parameters, c: str, argument: str) -> list[str]:
    """The conditions of the rows `c` of customer that match and are not deleted. Raises BadInput with the argument."""
    found = [f"NOT {c}.deleted"]
    if filter.name is not None:
        name = parameters.bind(filter.name, lambda text: _words(text, f"{argument}.name"))
        found.append(_OF_THAT_NAME.format(c=c, name=name))
    if filter.email is not None:
        email = parameters.bind(filter.email, lambda text: as_stored(read_text(text, f"{argument}.email", MAX_EMAIL)))
        found.append(f"lower({c}.email) = lower({email})")
    return found


def _words(name: str, argument: str) -> str:
    if query := as_tsquery(read_text(name, argument)):
        return query
    raise BadInput(f"`{argument}` must contain a word")


def _status(status: OrderStatus) -> str:
    if status is OrderStatus.UNKNOWN:
        raise BadInput("`filter.status` must be a known status, not UNKNOWN")
    return status.value


def _currency(code: str) -> str:
    if not _CURRENCY.fullmatch(code):
        raise BadInput("`filter.currency` must be an ISO 4217 code such as USD")
    return code


def _countries(code: str) -> str:
    """A JSON list of this country."""
    if not _COUNTRY.fullmatch(code):
        raise BadInput("`filter.country` must be an ISO 3166-1 alpha-2 code such as PE")
    return f'["{code}"]'

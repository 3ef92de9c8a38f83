"""The conditions that find orders and customers: only what a client asks for is in them, so each has its own plan."""

from __future__ import annotations

import re
from typing import Any

from gateway.errors import BadInput
from gateway.fields.parameters import Parameters
from gateway.fields.scalars import cleaned
from gateway.shop.names import WORDS_IN_SQL, as_tsquery
from gateway.shop.order_inputs import CustomerFilter, OrderFilter, OrderStatus

_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")

_COUNTRIES = "jsonb_path_query_array({o}.delivery_addresses, '$[*].country')"
"""Must be written as in the index `shown_order_by_country`."""

# An array is found once, and its customers are then looked up one by one. Of a subquery the planner does not know how
# few fit, and would read all customers, or all orders, the newest first.
_OF_THAT_NAME = (
    "{c}.customer_id = ANY(ARRAY(SELECT named.customer_id FROM customer AS named WHERE NOT named.deleted AND "
    + WORDS_IN_SQL.format(c="named")
    + " @@ {name}::text::tsquery))"
)


def order_conditions(wanted: OrderFilter, parameters: Parameters, o: str) -> list[str]:
    """What holds for the rows `o` of shown_order that fit and are not deleted. Raises BadInput."""
    found = [f"NOT {o}.deleted"]

    def add(condition: str, value: Any, read: Any = None) -> None:
        if value is not None:
            found.append(condition.format(parameters.bind(value, read), o=o))

    add("{o}.order_id = {}", wanted.order_id)
    add("{o}.customer_id = {}", wanted.customer_id)
    add("{o}.status = {}", wanted.status, _status)
    add("{o}.placed_at >= {}", wanted.placed_from)
    add("{o}.placed_at < {}", wanted.placed_to)
    add("{o}.total >= {}", wanted.total_from)
    add("{o}.total <= {}", wanted.total_to)
    add("{o}.currency = {}", wanted.currency, _currency)
    add(
        "EXISTS (SELECT FROM order_line AS sold WHERE sold.sku = {} AND sold.order_id = {o}.order_id "
        "AND sold.lines_version = {o}.lines_version AND NOT sold.deleted)",
        wanted.sku,
        lambda sku: cleaned(sku, "filter.sku"),
    )
    add(_COUNTRIES + " @> {}::jsonb", wanted.country, _countries)
    if wanted.customer is not None:
        fitting = customer_conditions(wanted.customer, parameters, "c", "filter.customer")
        customers = f"SELECT c.customer_id FROM customer AS c WHERE {' AND '.join(fitting)}"
        are_few = len(fitting) > 1
        found.append(f"{o}.customer_id = ANY(ARRAY({customers}))" if are_few else f"{o}.customer_id IN ({customers})")
    return found


def customer_conditions(wanted: CustomerFilter, parameters: Parameters, c: str, argument: str) -> list[str]:
    """What holds for the rows `c` of customer that fit and are not deleted. Raises BadInput naming the argument."""
    found = [f"NOT {c}.deleted"]
    if wanted.name is not None:
        name = parameters.bind(wanted.name, lambda text: _words(text, f"{argument}.name"))
        found.append(_OF_THAT_NAME.format(c=c, name=name))
    if wanted.email is not None:
        email = parameters.bind(wanted.email, lambda text: cleaned(text, f"{argument}.email"))
        found.append(f"lower({c}.email) = lower({email})")
    return found


def _words(name: str, argument: str) -> str:
    if query := as_tsquery(cleaned(name, argument)):
        return query
    raise BadInput(f"`{argument}` has no word to search for")


def _status(status: OrderStatus) -> str:
    if status is OrderStatus.UNKNOWN:
        raise BadInput("`filter.status` is a status that is known: UNKNOWN is only shown")
    return status.value


def _currency(code: str) -> str:
    if not _CURRENCY.fullmatch(code):
        raise BadInput("`filter.currency` is an ISO 4217 code such as USD")
    return code


def _countries(code: str) -> str:
    """The JSON of a list with this country in it."""
    if not _COUNTRY.fullmatch(code):
        raise BadInput("`filter.country` is an ISO 3166-1 alpha-2 code such as PE")
    return f'["{code}"]'
